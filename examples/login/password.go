package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/ccojocar/zxcvbn-go"
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

// NIST SP 800-63B-4 section 3.1.1.2 requires 15 characters if there is no second
// factor, and asks sites to allow at least 64. It forbids rules about kinds of
// characters, and requires a list of passwords that are common, expected or
// leaked.
const (
	minPassword = 15
	maxPassword = 256
)

// weaknesses returns what is wrong with a new password.
func weaknesses(c credentials) string {
	password := normal(c.password)
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(c.password):
		return "The password is not valid text."
	case n < minPassword || n > maxPassword:
		return fmt.Sprintf("Use %d to %d characters of any kind for the password, for example four words.", minPassword, maxPassword)
	case repeats(password) || guessable(password, spelling(c.name)):
		return "The password is too easy to guess: it is a common one, or a small change of a common one, of your name or of a pattern. " +
			"Use four words that have nothing to do with each other."
	}
	return ""
}

// repeats reports whether a password is a shorter text again and again.
func repeats(password string) bool {
	for period := 1; period <= len(password)/2; period++ {
		if strings.HasPrefix(password, password[period:]) {
			return true
		}
	}
	return false
}

// guessable reports whether a password is among the first that programs guess:
// combinations of leaked passwords, names, words, dates, keyboard patterns, the
// user's name and this site's. Score 3 takes 10 billion guesses.
//
// It looks at the beginning only, because what follows makes no password easier
// to guess, and the library's time grows with the cube of the length: it takes
// 0.1 seconds for 32 characters that were chosen for that, and a minute for 256.
func guessable(password, name string) bool {
	runes := []rune(password)
	beginning := string(runes[:min(len(runes), 32)])
	return zxcvbn.PasswordStrength(beginning, []string{name, "login"}).Score < 3
}
