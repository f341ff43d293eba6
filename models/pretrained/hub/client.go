package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Headers of the Hugging Face Hub.
const (
	commitHeader       = "X-Repo-Commit"
	linkedETagHeader   = "X-Linked-Etag" // SHA-256 of a large file, on the redirect to where it lies
	linkedSizeHeader   = "X-Linked-Size"
	errorCodeHeader    = "X-Error-Code"
	errorMessageHeader = "X-Error-Message"
)

func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}
}

// checkRedirect keeps a token from other servers than the one it is for, and stops at the redirect that tells of a large
// file of the Hub: its headers are the answer.
func checkRedirect(request *http.Request, via []*http.Request) error {
	if request.Method == http.MethodHead && request.Response.Header.Get(linkedETagHeader) != "" {
		return http.ErrUseLastResponse
	}
	if len(via) >= 10 {
		return &refusal{"more than 10 redirects"}
	}
	if via[len(via)-1].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return &refusal{"redirected from https to " + request.URL.Scheme + "://" + request.URL.Host}
	}
	if request.URL.Scheme != via[0].URL.Scheme || request.URL.Host != via[0].URL.Host {
		request.Header.Del("Authorization")
	}
	return nil
}

func newRequest(ctx context.Context, method, address, token string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil || request.URL.Host == "" || request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return nil, &refusal{fmt.Sprintf("%q is no http or https address: check HF_ENDPOINT and LONGWING_…_URL", address)}
	}
	request.Header.Set("User-Agent", "longwing")
	request.Header.Set("Accept-Encoding", "identity") // ranges are of the bytes that are checked
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// connectionError is a failure on the way to a server or back.
type connectionError struct{ err error }

func (e *connectionError) Error() string { return e.err.Error() }
func (e *connectionError) Unwrap() error { return e.err }

// statusError is an answer that is not the file.
type statusError struct {
	status        int
	host          string
	code, message string        // the Hub's own
	wait          time.Duration // that the server asks for
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%s answers %d %s", e.host, e.status, http.StatusText(e.status))
	if e.message != "" {
		text += fmt.Sprintf(" (%.200q)", e.message)
	}
	return text
}

func newStatusError(response *http.Response) *statusError {
	e := &statusError{
		status:  response.StatusCode,
		host:    response.Request.URL.Host,
		code:    response.Header.Get(errorCodeHeader),
		message: response.Header.Get(errorMessageHeader),
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		e.wait = time.Duration(min(max(seconds, 0), 60)) * time.Second
	}
	return e
}

// refusal is something that a server does and we don't go along with; trying again won't help.
type refusal struct{ text string }

func (e *refusal) Error() string { return e.text }

// passing tells whether an error may be gone at the next attempt.
func passing(err error) bool {
	var refused *refusal
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &refused) || errors.As(err, &certificate) {
		return false
	}
	var status *statusError
	if errors.As(err, &status) {
		return status.status >= 500 || status.status == http.StatusTooManyRequests || status.status == http.StatusRequestTimeout
	}
	var connection *connectionError
	return errors.As(err, &connection)
}

// send makes a request. Of its error stays the server and the cause; http.Client's own text has the whole address, with
// signatures.
func (s *session) send(request *http.Request) (*http.Response, error) {
	response, err := s.http.Do(request)
	if err == nil {
		return response, nil
	}
	host := request.URL.Host
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		host, err = hostOf(wrapped.URL), wrapped.Err
	}
	return nil, &connectionError{fmt.Errorf("%s: %w", host, causeOf(request.Context(), err))}
}

// causeOf prefers why a context ended to the error that came of it.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// watched gives a request a context that ends when alive has not been called for the time of a stall.
func (s *session) watched(ctx context.Context) (_ context.Context, alive, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	limit := s.stall()
	timer := time.AfterFunc(limit, func() {
		cancel(fmt.Errorf("nothing came for %v", limit))
	})
	return ctx, func() { timer.Reset(limit) }, func() { timer.Stop(); cancel(nil) }
}

// retries is how often in a row to try again.
func (s *session) retries() int {
	if s.Retries == 0 {
		return 4
	}
	return max(s.Retries, 0)
}

// retry calls attempt until it succeeds, fails for good, or has failed too often in a row. attempt returns how far it
// has come, in bytes: getting further starts the count anew.
func (s *session) retry(ctx context.Context, retries int, attempt func() (reached int64, err error)) error {
	first := s.pause
	if first == 0 {
		first = time.Second
	}
	pause, furthest, failed := first, int64(0), 0
	for {
		reached, err := attempt()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !passing(err) {
			return err
		}
		if reached > furthest {
			pause, furthest, failed = first, reached, 0
		}
		if failed++; failed > retries {
			return err
		}
		var status *statusError
		if errors.As(err, &status) {
			pause = max(pause, status.wait)
		}
		s.log("%s: trying again in %v", oneLine(err), pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
