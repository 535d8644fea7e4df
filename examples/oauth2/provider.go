package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosessions/sessions/login"
)

// provider is who tells us who the visitor is.
type provider struct {
	name    string // begins the ids of its users
	title   string // what visitors call it
	issuer  string // what it says of itself in its answers (RFC 9207); "" if it does not
	userURL string // answers with the profile
	config  oauth2.Config
	client  http.Client
}

// grant is what the provider sends a visitor back with, and the secret that
// goes with it: together they prove who the visitor is, once.
type grant struct{ Code, Verifier string }

// profile is what we want to know of a visitor. Gitea and Forgejo have the
// same fields as GitHub.
type profile struct {
	ID    int64  `json:"id"` // stays the same when all else changes
	Login string `json:"login"`
	Name  string `json:"name"`
}

// newClient is for calls of a provider. They must end, and carry secrets, which
// no redirect may take elsewhere.
func newClient(timeout time.Duration) http.Client {
	return http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// signInURL is where the visitor is sent for an attempt.
func (p *provider) signInURL(a attempt) string {
	return p.config.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier))
}

// profile returns whom a grant is of: login.ErrCredentials if the provider says
// that it is nobody's. The token is dropped, since nothing else is asked of the
// provider. No error holds what the provider has said in its own words, for
// some repeat the code.
func (p *provider) profile(ctx context.Context, g grant) (profile, error) {
	ctx, cancel := context.WithTimeout(ctx, p.client.Timeout) // for both calls
	defer cancel()
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &p.client)
	token, err := p.config.Exchange(ctx, g.Code, oauth2.VerifierOption(g.Verifier))
	if err != nil {
		return profile{}, fmt.Errorf("%s: token: %w", p.name, tokenError(err))
	}
	who, err := p.fetch(ctx, token)
	if err != nil {
		return profile{}, fmt.Errorf("%s: profile: %w", p.name, err)
	}
	return who, nil
}

func (p *provider) fetch(ctx context.Context, token *oauth2.Token) (profile, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.userURL, nil)
	if err != nil {
		return profile{}, err
	}
	r.Header.Set("Accept", "application/json")
	token.SetAuthHeader(r)
	resp, err := p.client.Do(r)
	if err != nil {
		return profile{}, cause(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return profile{}, fmt.Errorf("status %d", resp.StatusCode)
	}
	var who profile
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&who); err != nil || who.ID <= 0 {
		return profile{}, errors.New("the answer is no profile with a number as its id")
	}
	return who, nil
}

// tokenError says what went wrong, and whose fault it is.
func tokenError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return cause(err)
	}
	switch refused.ErrorCode {
	case "invalid_grant", "bad_verification_code": // the second is GitHub's
		return fmt.Errorf("the code was refused: %w", login.ErrCredentials)
	case "invalid_client", "unauthorized_client", "incorrect_client_credentials":
		return errors.New("client id or secret were refused; see OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET")
	case "redirect_uri_mismatch":
		return errors.New("the callback address is not the one that is registered; see -url")
	}
	return fmt.Errorf("refused with status %d", refused.Response.StatusCode)
}

// cause is what kept a call from being answered, such as a timeout.
func cause(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return errors.New("the answer is no token")
}
