package main

import (
	"encoding/json"
	"fmt"

	"github.com/vmware/govmomi/simulator"
)

// faultRule is one entry of -faults. Only method and type are required, for example
//
//	[{"method": "ImportVApp", "type": "ResourceInUse", "count": 1}]
type faultRule struct {
	// Method to fail, or "*".
	Method string `json:"method"`
	// ObjectType of the managed object called, for example "VirtualMachine"; "*" by default.
	ObjectType string `json:"objectType"`
	// ObjectName of the managed object called; "*" by default.
	ObjectName string `json:"objectName"`
	// Type of the fault: a key of faultTypes.
	Type string `json:"type"`
	// Message of the fault.
	Message string `json:"message"`
	// Probability from 0 to 1; 1 by default.
	Probability *float64 `json:"probability"`
	// Skip that many matching calls first.
	Skip int `json:"skip"`
	// Count of calls to fail; 0 is all.
	Count int `json:"count"`
	// DelayMs before the fault is answered, in milliseconds.
	DelayMs int `json:"delayMs"`
}

var faultTypes = map[string]simulator.FaultType{
	"Generic":                    simulator.FaultTypeGeneric,
	"NotAuthenticated":           simulator.FaultTypeNotAuthenticated,
	"NoPermission":               simulator.FaultTypeNoPermission,
	"InvalidArgument":            simulator.FaultTypeInvalidArgument,
	"MethodNotFound":             simulator.FaultTypeMethodNotFound,
	"ManagedObjectNotFound":      simulator.FaultTypeManagedObjectNotFound,
	"InvalidState":               simulator.FaultTypeInvalidState,
	"ResourceInUse":              simulator.FaultTypeResourceInUse,
	"InsufficientResourcesFault": simulator.FaultTypeInsufficientResourcesFault,
	"NetworkFailure":             simulator.FaultTypeNetworkFailure,
	"Timeout":                    simulator.FaultTypeTimeout,
}

func parseFaultRules(text string) ([]*simulator.FaultInjectionRule, error) {
	if text == "" {
		return nil, nil
	}
	var entries []faultRule
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, err
	}
	rules := make([]*simulator.FaultInjectionRule, 0, len(entries))
	for _, entry := range entries {
		fault, known := faultTypes[entry.Type]
		if !known || entry.Method == "" {
			return nil, fmt.Errorf("a rule needs a method and a known type, not %q and %q", entry.Method, entry.Type)
		}
		probability := 1.0
		if entry.Probability != nil {
			probability = *entry.Probability
		}
		rules = append(rules, &simulator.FaultInjectionRule{
			MethodName:  entry.Method,
			ObjectType:  orAny(entry.ObjectType),
			ObjectName:  orAny(entry.ObjectName),
			Probability: probability,
			FaultType:   fault,
			Message:     entry.Message,
			Delay:       entry.DelayMs,
			MaxCount:    entry.Count,
			SkipCount:   entry.Skip,
			Enabled:     true,
		})
	}
	return rules, nil
}

func orAny(pattern string) string {
	if pattern == "" {
		return "*"
	}
	return pattern
}
