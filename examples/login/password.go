package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"github.com/gosessions/sessions/login"
)

// owasp are the parameters of OWASP's Password Storage Cheat Sheet. Unlike
// argon2id.DefaultParams they do not depend on the machine. They are stored
// with each hash.
var owasp = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func newPasswords(params *argon2id.Params) (*login.Passwords, error) {
	return login.NewPasswords(login.PasswordOptions{
		Hash:    func(password string) (string, error) { return argon2id.CreateHash(password, params) },
		Compare: argon2id.ComparePasswordAndHash,
	})
}

// normal returns one spelling for letters that keyboards send in different ways,
// such as é (NIST SP 800-63B-4 section 3.1.1.2).
func normal(password string) string { return norm.NFKC.String(password) }

// NIST SP 800-63B-4 requires 15 characters if there is no second factor, and
// that at least 64 are allowed. It forbids rules about kinds of characters.
const (
	minPassword = 15
	maxPassword = 256
)

// weaknesses returns what is wrong with a new password. A real site also checks
// a list of leaked passwords.
func weaknesses(c credentials) (faults []string) {
	n := utf8.RuneCountInString(normal(c.password))
	switch {
	case !utf8.ValidString(c.password):
		faults = append(faults, "The password is not valid text.")
	case n < minPassword || n > maxPassword:
		faults = append(faults, fmt.Sprintf("Use %d to %d characters of any kind for the password, for example four words.", minPassword, maxPassword))
	case repeats(c.password) || mostlyName(c):
		faults = append(faults, "The password is too easy to guess: it is mostly your name, or it repeats a few characters.")
	}
	return faults
}

// repeats reports whether a password has fewer than five distinct characters.
func repeats(password string) bool {
	seen := make(map[rune]bool)
	for _, c := range password {
		seen[c] = true
	}
	return len(seen) < 5
}

// mostlyName reports whether little is left of a password without the name.
func mostlyName(c credentials) bool {
	name := spelling(c.name)
	rest := strings.ReplaceAll(strings.ToLower(c.password), name, "")
	return name != "" && utf8.RuneCountInString(rest) < minPassword/2
}
