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

// provider is the site that visitors sign in with.
type provider struct {
	name    string // the first part of its users' ids
	title   string // its name for visitors
	issuer  string // its own name in its answers (RFC 9207), or ""
	userURL string // where it gives the profile
	config  oauth2.Config
	client  http.Client
}

// grant is the code that a visitor brings back from the provider, and the
// secret that belongs to it. Together they prove who the visitor is, once.
type grant struct{ Code, Verifier string }

// profile is the part of a user's profile that this site needs. Gitea and Forgejo
// have the same fields as GitHub.
type profile struct {
	ID    int64  `json:"id"` // never changes
	Login string `json:"login"`
	Name  string `json:"name"`
}

// newClient returns a client for calls to a provider. The calls must end, and no
// redirect may take their secrets elsewhere.
func newClient(timeout time.Duration) http.Client {
	return http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// signInURL returns the provider's page for an attempt.
func (p *provider) signInURL(a attempt) string {
	return p.config.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier))
}

// profile returns the profile that a grant gives access to, or
// login.ErrCredentials if the provider refuses the grant. The token is dropped,
// because nothing else is asked of the provider. Errors never contain the
// provider's own words, because some providers repeat the code.
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

// tokenError says what went wrong and what to do about it.
func tokenError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return cause(err)
	}
	switch refused.ErrorCode {
	case "invalid_grant", "bad_verification_code": // the second is GitHub's
		return fmt.Errorf("the code was refused: %w", login.ErrCredentials)
	case "invalid_client", "unauthorized_client", "incorrect_client_credentials":
		return errors.New("the client id or the secret was refused; check OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET")
	case "redirect_uri_mismatch":
		return errors.New("the callback address is not the registered one; check -url")
	}
	return fmt.Errorf("refused with status %d", refused.Response.StatusCode)
}

// cause returns the reason why a call failed, such as a timeout.
func cause(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return errors.New("the answer is no token")
}
