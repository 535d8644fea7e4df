package login_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/gosessions/sessions/login"
)

// upload returns a form with a page to go to and a file that net/http puts on
// disk.
func upload(t *testing.T, size int) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	wantErr(t, "WriteField", form.WriteField("next", "/form"), nil)
	part, err := form.CreateFormFile("file", "large.bin")
	wantErr(t, "CreateFormFile", err, nil)
	_, _ = part.Write(make([]byte, size))
	wantErr(t, "Close", form.Close(), nil)
	return form.FormDataContentType(), b.Bytes()
}

// filesIn counts the temporary files of this test.
func filesIn(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	wantErr(t, "ReadDir", err, nil)
	return len(entries)
}

// TestR117_NextReadsNoUpload: a stranger cannot make a page that only asks for
// Next read a large file, or put it on disk.
func TestR117_NextReadsNoUpload(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	a := newApp(t, login.Options{})
	contentType, content := upload(t, 48<<20)
	body := bytes.NewReader(content)
	r := httptest.NewRequest("POST", "/login?next=/query", body)
	r.Header.Set("Content-Type", contentType)
	want(t, "Next", a.Next(r, "/home"), "/query")
	want(t, "bytes read", len(content)-body.Len(), 0)
	want(t, "files", filesIn(t, dir), 0)

	wantErr(t, "ParseMultipartForm", r.ParseMultipartForm(1<<20), nil)
	want(t, "Next once the handler has read the form", a.Next(r, "/home"), "/form")
	wantErr(t, "RemoveAll", r.MultipartForm.RemoveAll(), nil)
}

// TestR117_NextReadsASmallForm, and no more than net/http allows.
func TestR117_NextReadsASmallForm(t *testing.T) {
	a := newApp(t, login.Options{})
	r := form("/login?next=/query", url.Values{"next": {"/form"}, "name": {"ann"}})
	want(t, "Next", a.Next(r, "/home"), "/form")
	want(t, "what the handler reads afterwards", r.PostFormValue("name"), "ann")
	body := strings.NewReader("a=" + strings.Repeat("a", 48<<20))
	size := body.Len()
	r = httptest.NewRequest("POST", "/login?next=/query", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	want(t, "Next of a huge form", a.Next(r, "/home"), "/query")
	want(t, "bytes read: at most 10 MB and a bit", size-body.Len() < 11<<20, true)
}

// TestR117_UploadToASiteWithALoginLeavesNoFileBehind: what a handler inside of
// login.Manager.Handler has put on disk is gone when the request is over, also
// after a panic.
func TestR117_UploadToASiteWithALoginLeavesNoFileBehind(t *testing.T) {
	contentType, body := upload(t, 64<<10)
	for _, panics := range []bool{false, true} {
		t.Run(fmt.Sprint("panics ", panics), func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			a := newApp(t, login.Options{})
			mux := http.NewServeMux()
			during := 0
			mux.HandleFunc("POST /files/{id}", func(_ http.ResponseWriter, r *http.Request) {
				wantErr(t, "ParseMultipartForm", r.ParseMultipartForm(1<<10), nil)
				during = filesIn(t, dir)
				if panics {
					panic("after the upload")
				}
			})
			site := a.Handler(mux)
			var seen string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					_ = recover()
					seen = r.Pattern + " " + r.Form.Get("q") + " " + r.PostForm.Get("next")
				}()
				site.ServeHTTP(w, r)
			}))
			resp, err := server.Client().Post(server.URL+"/files/7?q=x", contentType, bytes.NewReader(body))
			wantErr(t, "Post", err, nil)
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			server.Close() // waits for the request to be over
			want(t, "files while the handler runs", during, 1)
			want(t, "files afterwards", filesIn(t, dir), 0)
			want(t, "what a logger outside sees", seen, "POST /files/{id} x /form")
		})
	}
}
