// Command vcsim serves govmomi's simulator as one standalone ESXi host. It exists because govmomi's
// vcsim module cannot be installed by itself, and because its fault rules are reachable from Go only.
//
// Once it serves, it prints one line of JSON on stdout:
//
//	{"url": "https://127.0.0.1:PORT/sdk", "username": "root", "thumbprint": "AB:CD:…", "certificate": "-----BEGIN …", "pid": 1}
//
// (thumbprint: SHA-256.) SIGTERM or SIGINT ends it and removes its datastore folders.
package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/simulator"
)

// methodDelays collects -method-delay METHOD:MILLISECONDS[,METHOD:MILLISECONDS…].
type methodDelays map[string]int

func (d methodDelays) String() string { return "" }

func (d methodDelays) Set(value string) error {
	for _, entry := range strings.Split(value, ",") {
		method, delay, _ := strings.Cut(entry, ":")
		milliseconds, err := strconv.Atoi(delay)
		if method == "" || err != nil {
			return fmt.Errorf("%q is not METHOD:MILLISECONDS", entry)
		}
		d[method] = milliseconds
	}
	return nil
}

type serving struct {
	URL         string `json:"url"`
	Username    string `json:"username"`
	Thumbprint  string `json:"thumbprint"`
	Certificate string `json:"certificate"`
	PID         int    `json:"pid"`
}

func main() {
	log.SetPrefix("vcsim: ")
	log.SetFlags(0)

	listen := flag.String("l", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	username := flag.String("username", "root", "user name that may log in")
	password := flag.String("password", "pass", "its password")
	machines := flag.Int("vm", 0, "number of VMs to begin with")
	datastores := flag.Int("ds", 1, "number of datastores, named LocalDS_0 and so on")
	delay := flag.Int("delay", 0, "delay of every call, in milliseconds")
	jitter := flag.Float64("delay-jitter", 0, "standard deviation of the delays over their mean")
	delays := methodDelays{}
	flag.Var(delays, "method-delay", "delay of single methods: METHOD:MILLISECONDS[,…]")
	faults := flag.String("faults", "", "fault rules: a JSON array, see faults.go")
	requests := flag.String("requests", "", "file that gets a line of JSON for each request, see requests.go")
	flag.Parse()

	rules, err := parseFaultRules(*faults)
	if err != nil {
		log.Fatalf("-faults: %s", err)
	}

	model := simulator.ESX()
	model.Machine = *machines
	model.Datastore = *datastores
	model.DelayConfig = simulator.DelayConfig{Delay: *delay, DelayJitter: *jitter, MethodDelay: delays}
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}

	model.Service.TLS = new(tls.Config)
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*username, *password)}
	for _, rule := range rules {
		model.Service.AddFaultRule(rule)
	}
	server := model.Service.NewServer()
	if *requests != "" {
		// Nobody knows the port yet, so no request can be under way.
		if server.Config.Handler, err = recordRequests(*requests, server.Config.Handler); err != nil {
			log.Fatalf("-requests: %s", err)
		}
	}

	certificate := server.Certificate()
	address := url.URL{Scheme: server.URL.Scheme, Host: server.URL.Host, Path: server.URL.Path}
	err = json.NewEncoder(os.Stdout).Encode(serving{
		URL:         address.String(),
		Username:    *username,
		Thumbprint:  thumbprint(certificate.Raw),
		Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})),
		PID:         os.Getpid(),
	})
	if err != nil {
		log.Fatal(err)
	}

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	<-ended
	server.Close()
	model.Remove()
}

// thumbprint is the SHA-256 of a certificate the way ESXi prints it: upper-case hex with colons.
func thumbprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
