package test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"testing"

	"github.com/gosessions/sessions"
)

// upload returns a form with a file that net/http puts on disk.
func upload(t *testing.T) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "large.bin")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(make([]byte, 64<<10))
	_ = form.Close()
	return form.FormDataContentType(), b.Bytes()
}

// TestR90_UploadLeavesNoFileBehind: what a handler has put on disk while it
// read a form is gone when the request is over, also after a panic.
func TestR90_UploadLeavesNoFileBehind(t *testing.T) {
	contentType, body := upload(t)
	for _, http2 := range []bool{false, true} {
		for _, panics := range []bool{false, true} {
			t.Run(fmt.Sprintf("http2 %t, panics %t", http2, panics), func(t *testing.T) {
				dir := t.TempDir()
				t.Setenv("TMPDIR", dir)
				files := func() int {
					entries, err := os.ReadDir(dir)
					if err != nil {
						t.Error(err)
					}
					return len(entries)
				}
				a, b := newApp(t, sessions.Options{}), newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-b"}})
				during := 0
				site := a.Handler(b.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if err := r.ParseMultipartForm(1 << 10); err != nil {
						t.Error(err)
					}
					during = files()
					if panics {
						panic("after the upload")
					}
					_, _ = io.WriteString(w, "thanks")
				})))
				server, client := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() {
						if recover() != nil {
							http.Error(w, "sorry", http.StatusInternalServerError)
						}
					}()
					site.ServeHTTP(w, r)
				}), http2)
				resp, err := client.Post(server.URL, contentType, bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				server.Close() // waits for the request to be over
				want(t, "files while the handler runs", during, 1)
				want(t, "files afterwards", files(), 0)
			})
		}
	}
}

// TestR90_OuterMiddlewareSeesWhatTheHandlerMatched: a logger around the
// middleware sees the pattern and the form, as it would without it.
func TestR90_OuterMiddlewareSeesWhatTheHandlerMatched(t *testing.T) {
	a := newApp(t, sessions.Options{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(_ http.ResponseWriter, r *http.Request) { _ = r.ParseForm() })
	site := a.Handler(mux)
	var seen string
	server, client := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site.ServeHTTP(w, r)
		seen = r.Pattern + " " + r.Form.Get("q")
	}), false)
	fetch(t, client, server.URL+"/items/7?q=x")
	server.Close()
	want(t, "seen outside", seen, "GET /items/{id} x")
}
