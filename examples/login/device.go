package main

import (
	"net/http"

	"github.com/medama-io/go-useragent"
)

// device describes a visitor's browser for the list of devices: "Firefox on
// Linux". All words come from the library, none from the request.
func device(r *http.Request) string {
	agent := useragent.NewParser().Parse(r.UserAgent()) // the library makes one parser
	browser, system := string(agent.Browser()), string(agent.OS())
	if browser == "" {
		browser = "Unknown browser"
	}
	if system == "" {
		return browser
	}
	return browser + " on " + system
}
