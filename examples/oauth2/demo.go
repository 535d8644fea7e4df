package main

import (
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	fault "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
	client "golang.org/x/oauth2"
)

//go:embed demo.html
var demoFiles embed.FS

var demoPage = template.Must(template.ParseFS(demoFiles, "demo.html"))

// demo is an OAuth 2.0 server for trying this program and for its tests. It
// stands in for GitHub: its profiles have the same form, but anyone can be any
// of its users.
type demo struct {
	*server.Server
	issuer   string
	callback string
	users    []profile
}

// demoProvider returns a server and its description for this program. Its
// address must be on 127.0.0.1; browsers are sent to localhost, which is the
// same machine but, to them, another site.
func demoProvider(addr net.Addr, callback string) (*provider, http.Handler, error) {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil, nil, err
	}
	site, direct := "http://localhost:"+port, "http://"+addr.String()
	app := &models.Client{ID: "demo", Secret: rand.Text()}
	clients := store.NewClientStore()
	if err := clients.Set(app.ID, app); err != nil {
		return nil, nil, err
	}
	tokens, err := store.NewMemoryTokenStore() // has no Close
	if err != nil {
		return nil, nil, err
	}
	manager := manage.NewDefaultManager()
	manager.MapClientStorage(clients)
	manager.MapTokenStorage(tokens)
	manager.SetValidateURIHandler(func(_, uri string) error {
		if uri != callback {
			return fault.ErrInvalidRedirectURI
		}
		return nil
	})
	d := &demo{
		Server: server.NewServer(&server.Config{
			TokenType: "Bearer", ForcePKCE: true,
			AllowedResponseTypes:        []oauth2.ResponseType{oauth2.Code},
			AllowedGrantTypes:           []oauth2.GrantType{oauth2.AuthorizationCode},
			AllowedCodeChallengeMethods: []oauth2.CodeChallengeMethod{oauth2.CodeChallengeS256},
		}, manager),
		issuer: site, callback: callback,
		users: []profile{{1, "ann", "Ann Example"}, {2, "bob", "Bob Example"}},
	}
	d.SetClientInfoHandler(server.ClientFormHandler)
	return &provider{
		name: "demo", title: "the demo provider", issuer: site, userURL: direct + "/user", client: newClient(10 * time.Second),
		config: client.Config{
			ClientID: app.ID, ClientSecret: app.Secret, RedirectURL: callback,
			Endpoint: client.Endpoint{AuthURL: site + "/authorize", TokenURL: direct + "/token", AuthStyle: client.AuthStyleInParams},
		},
	}, guard(d.handler(), site, callback), nil
}

func (d *demo) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", d.ask)
	mux.HandleFunc("POST /authorize", d.authorize)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { _ = d.HandleTokenRequest(w, r) })
	mux.HandleFunc("GET /user", d.user)
	mux.Handle("GET /style.css", http.FileServerFS(files))
	return mux
}

// ask shows the page on which a visitor chooses who they are.
func (d *demo) ask(w http.ResponseWriter, r *http.Request) {
	if d.request(w, r) == nil {
		return
	}
	_ = demoPage.Execute(w, d.users)
}

// authorize redirects back with a code for the user that the visitor chose.
func (d *demo) authorize(w http.ResponseWriter, r *http.Request) {
	req := d.request(w, r)
	if req == nil {
		return
	}
	answer, _, _ := d.GetErrorData(fault.ErrAccessDenied)
	if i := d.find(r.PostFormValue("user")); i >= 0 {
		req.UserID = strconv.FormatInt(d.users[i].ID, 10)
		t, err := d.GetAuthorizeToken(r.Context(), req)
		if err == nil {
			answer = d.GetAuthorizeData(req.ResponseType, t)
		} else {
			answer, _, _ = d.GetErrorData(err)
		}
	}
	answer["iss"] = d.issuer
	to, err := d.GetRedirectURI(req, answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// request returns a site's request. If the site's address is not the registered
// one, it writes an error page instead of a redirect and returns nil.
func (d *demo) request(w http.ResponseWriter, r *http.Request) *server.AuthorizeRequest {
	req, err := d.ValidationAuthorizeRequest(r)
	if err == nil && req.RedirectURI != d.callback {
		err = fault.ErrInvalidRedirectURI
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("The demo provider does not accept this request: %v.", err), http.StatusBadRequest)
		return nil
	}
	return req
}

// user responds with the profile that a token gives access to.
func (d *demo) user(w http.ResponseWriter, r *http.Request) {
	t, err := d.ValidationBearerToken(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	i := d.find(t.GetUserID())
	if i < 0 {
		http.Error(w, "no such user", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(d.users[i])
}

func (d *demo) find(id string) int {
	return slices.IndexFunc(d.users, func(p profile) bool { return strconv.FormatInt(p.ID, 10) == id })
}
