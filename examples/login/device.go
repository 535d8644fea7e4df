package main

import (
	"net/http"

	"github.com/medama-io/go-useragent"
)

// device describes what a visitor uses, for them to know it by in the list of
// their devices: "Firefox on Linux". The words are the library's, none the
// visitor's own.
func device(r *http.Request) string {
	agent := useragent.NewParser().Parse(r.UserAgent()) // it is made once
	browser, system := string(agent.Browser()), string(agent.OS())
	if browser == "" {
		browser = "Unknown program"
	}
	if system == "" {
		return browser
	}
	return browser + " on " + system
}
