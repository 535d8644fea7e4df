package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/endpoints"
)

// settings come from the command line and the environment.
type settings struct {
	addr, url                                    string
	provider, authURL, tokenURL, userURL, issuer string
	clientID, clientSecret                       string
}

// parse reads flags. The client's secret is not a flag, because everyone on a
// machine can read those.
func parse(args []string, getenv func(string) string) (settings, error) {
	s := settings{clientID: getenv("OAUTH2_CLIENT_ID"), clientSecret: getenv("OAUTH2_CLIENT_SECRET")}
	f := flag.NewFlagSet("oauth2", flag.ContinueOnError)
	f.StringVar(&s.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	f.StringVar(&s.url, "url", "", "address of this site for browsers, such as https://example.com; the default is http:// and -addr")
	f.StringVar(&s.provider, "provider", "demo", "provider: demo, github, or a name for the one that the next three flags describe")
	f.StringVar(&s.authURL, "auth-url", "", "the provider's page for visitors")
	f.StringVar(&s.tokenURL, "token-url", "", "where the provider gives a token for a code")
	f.StringVar(&s.userURL, "user-url", "", "where the provider gives id, login and name for a token, as JSON like GitHub's /user")
	f.StringVar(&s.issuer, "issuer", "", "iss in the provider's answers, if it sends one (RFC 9207)")
	return s, f.Parse(args)
}

// named returns the provider that the settings describe.
func (s settings) named(callback string) (*provider, error) {
	p := &provider{name: s.provider, title: s.provider, issuer: s.issuer, userURL: s.userURL, client: newClient(10 * time.Second)}
	p.config = oauth2.Config{
		ClientID: s.clientID, ClientSecret: s.clientSecret, RedirectURL: callback,
		// To find out the AuthStyle, x/oauth2 would send the code twice.
		Endpoint: oauth2.Endpoint{AuthURL: s.authURL, TokenURL: s.tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	if s.provider == "github" {
		e := &p.config.Endpoint
		p.title = "GitHub"
		p.userURL = cmp.Or(p.userURL, "https://api.github.com/user")
		e.AuthURL = cmp.Or(e.AuthURL, endpoints.GitHub.AuthURL)
		e.TokenURL = cmp.Or(e.TokenURL, endpoints.GitHub.TokenURL)
	}
	var faults []error
	if s.clientID == "" || s.clientSecret == "" {
		faults = append(faults, fmt.Errorf("set OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET to the values that %s gave you for the callback %s", p.title, callback))
	}
	for _, flag := range []struct{ name, address string }{
		{"-auth-url", p.config.Endpoint.AuthURL}, {"-token-url", p.config.Endpoint.TokenURL}, {"-user-url", p.userURL},
	} {
		if !private(flag.address) {
			faults = append(faults, fmt.Errorf("%s %q is not an https address", flag.name, flag.address))
		}
	}
	return p, errors.Join(faults...)
}

// private reports whether nobody else can read what is sent to an address: it
// uses https or is on this machine.
func private(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// siteURL returns the address of the site for browsers.
func (s settings) siteURL(addr net.Addr) (string, error) {
	if s.url == "" {
		return "http://" + addr.String(), nil
	}
	u, err := url.Parse(s.url)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("-url %q is not like https://example.com", s.url)
	}
	return u.Scheme + "://" + u.Host, nil
}
