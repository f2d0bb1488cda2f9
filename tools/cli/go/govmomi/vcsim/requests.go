package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"sync"
	"time"
)

// served is one line of the file that -requests names.
type served struct {
	// Method is the SOAP method, or the HTTP method and path of a transfer ("POST /nfc/…").
	Method string `json:"method"`
	// ReadType is the type of the objects whose properties a call reads first.
	ReadType string `json:"readType,omitempty"`
	// BodyBytes of the request, without HTTP headers.
	BodyBytes int64 `json:"bodyBytes"`
	// BeganMs: when its headers had arrived. BodyEndedMs: when the last byte of its body had been read.
	// EndedMs: when the answer had been given. All in milliseconds since 1970.
	BeganMs     float64 `json:"beganMs"`
	BodyEndedMs float64 `json:"bodyEndedMs"`
	EndedMs     float64 `json:"endedMs"`
}

var (
	soapMethod = regexp.MustCompile(`<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?(\w+)`)
	readType   = regexp.MustCompile(`<(?:[\w.-]+:)?propSet[^>]*>\s*<(?:[\w.-]+:)?type[^>]*>(\w+)<`)
)

// recordRequests writes one line of JSON for each request, once it has been answered.
func recordRequests(file string, handler http.Handler) (http.Handler, error) {
	lines, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	var writing sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := served{Method: r.Method + " " + r.URL.Path, BeganMs: milliseconds()}
		if r.URL.Path == "/sdk" && r.Method == http.MethodPost {
			entry.Method, entry.ReadType = readCall(r)
		}
		body := &countedBody{ReadCloser: r.Body}
		r.Body = body
		handler.ServeHTTP(w, r)

		entry.BodyBytes, entry.BodyEndedMs, entry.EndedMs = body.bytes, body.endedMs, milliseconds()
		line, _ := json.Marshal(entry)
		writing.Lock()
		defer writing.Unlock()
		if _, err := lines.Write(append(line, '\n')); err != nil {
			log.Printf("-requests: %s", err)
		}
	}), nil
}

func readCall(r *http.Request) (method, read string) {
	text, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(text))
	return firstGroup(soapMethod, text), firstGroup(readType, text)
}

func firstGroup(pattern *regexp.Regexp, text []byte) string {
	if found := pattern.FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return ""
}

type countedBody struct {
	io.ReadCloser
	bytes   int64
	endedMs float64
}

func (b *countedBody) Read(buffer []byte) (int, error) {
	n, err := b.ReadCloser.Read(buffer)
	b.bytes += int64(n)
	if err != nil {
		b.endedMs = milliseconds()
	}
	return n, err
}

func milliseconds() float64 {
	return float64(time.Now().UnixMicro()) / 1000
}
