package matrix

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// visitor is a client that keeps cookies.
type visitor struct {
	tr     *trial
	client http.Client
	at     *url.URL
}

func (tr *trial) visitor() *visitor {
	at, err := url.Parse(tr.url)
	tr.fail("the URL of the app", err)
	jar, _ := cookiejar.New(nil) // it returns no error
	return &visitor{tr: tr, at: at, client: http.Client{
		Jar:           jar,
		Transport:     tr.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as returns a visitor with a cookie of that value.
func (tr *trial) as(token string) *visitor {
	v := tr.visitor()
	v.client.Jar.SetCookies(v.at, []*http.Cookie{{Name: "id", Value: token}})
	return v
}

// known returns a visitor who has been counted once.
func (tr *trial) known() *visitor {
	v := tr.visitor()
	tr.want("the first visit", v.get("/count").text(), "200 1")
	return v
}

// cookie returns the visitor's cookie of a name, "" for none.
func (v *visitor) cookie(name string) string {
	for _, c := range v.client.Jar.Cookies(v.at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) token() string { return v.cookie("id") }

// reply is a response that was read to its end.
type reply struct {
	*http.Response
	body string
	err  error
}

// text returns "status body".
func (r reply) text() string {
	if r.err != nil {
		return r.err.Error()
	}
	return fmt.Sprintf("%d %s", r.StatusCode, strings.TrimSuffix(r.body, "\n"))
}

// status returns the status, 0 without a response.
func (r reply) status() int {
	if r.Response == nil {
		return 0
	}
	return r.StatusCode
}

// cookies returns the number of cookies that the response sets.
func (r reply) cookies() int {
	if r.Response == nil {
		return 0
	}
	return len(r.Cookies())
}

// setCookie returns the cookies that the response sets, without their values,
// which no test prints.
func (r reply) setCookie() string {
	if r.Response == nil {
		return ""
	}
	var all []string
	for _, c := range r.Cookies() {
		if c.Value != "" {
			c.Value = "TOKEN"
		}
		all = append(all, c.String())
	}
	return strings.Join(all, ", ")
}

// header returns a field of the response.
func (r reply) header(name string) string {
	if r.Response == nil {
		return ""
	}
	return strings.Join(r.Header.Values(name), ", ")
}

func (v *visitor) get(path string) reply  { return v.send(v.tr.ctx, http.MethodGet, path) }
func (v *visitor) post(path string) reply { return v.send(v.tr.ctx, http.MethodPost, path) }

// send sends a request with pairs of a header's name and value.
func (v *visitor) send(ctx context.Context, method, path string, header ...string) reply {
	resp, err := v.begin(ctx, method, path, header...)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return reply{resp, string(body), err}
}

// begin returns when the header of the response has come.
func (v *visitor) begin(ctx context.Context, method, path string, header ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.tr.url+path, nil)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return v.client.Do(r)
}

// unzip returns the decoded body of a response.
func unzip(r reply) (string, error) {
	if encoding := r.header("Content-Encoding"); encoding != "gzip" {
		return "", fmt.Errorf("the body has the encoding %q, want gzip", encoding)
	}
	z, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}
