package test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// printed returns v as all verbs, loggers and encoders show it.
func printed(vs ...any) string {
	var out bytes.Buffer
	for _, v := range vs {
		for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "w", "t", "c", "U", "e", "o", "z"} {
			switch v.(type) {
			case sessions.Secret, []sessions.Secret, sessions.Options, *sessions.Session, *sessions.Typed[person], sessions.Typed[person]:
				if verb == "w" { // which package fmt does not let a value decide about, and vet refuses
					continue
				}
			}
			_, _ = fmt.Fprintf(&out, "%"+verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("value", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("value", "v", v)
		encoded, err := json.Marshal(v)
		_, _ = fmt.Fprintln(&out, string(encoded), err)
	}
	return out.String()
}

// forms returns how a secret might show.
func forms(secret []byte) []string {
	return []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), fmt.Sprint(secret), fmt.Sprintf("%#v", secret),
		base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret),
	}
}

func TestR64_NothingPrintsATokenOrAKey(t *testing.T) {
	key := secretKey("0123456789abcdef", 2)
	a, b := fresh(t, sessions.Options{SigningKeys: []sessions.Secret{key}})
	b.visit(a, count)
	token := b.token()
	var out string
	b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.Renew()
		saveErr := s.Save(r.Context())
		typed := open(t, personKey, s)
		_, openErr := a.Open(r.Context(), token)
		_, badErr := a.Open(r.Context(), token+"x")
		type derived struct{}
		ctx := context.WithValue(r.Context(), derived{}, "value")
		out = printed(s, *typed, typed, a.Manager, r.Context(), ctx, saveErr, openErr, badErr,
			key, []sessions.Secret{key}, sessions.Options{SigningKeys: []sessions.Secret{key}, EncryptionKeys: []sessions.Secret{key}})
	})
	out += printed(a.events)
	for _, text := range []string{token, b.token()} {
		raw, _ := base64.RawURLEncoding.DecodeString(text)
		for _, secret := range [][]byte{[]byte(text), []byte(text[:48]), raw[16:36], raw[36:], key} {
			for _, form := range forms(secret) {
				if strings.Contains(out, form) {
					t.Errorf("printed: %q", form)
				}
			}
		}
	}
	if !strings.Contains(out, "session("+a.id(b.token())+")") {
		t.Error("the session's id is not printed, which could be")
	}
}

// TestR64_LoggersGetNoKeyToPrint: a handler of one's own that prints what it
// is given does not see the key either.
func TestR64_LoggersGetNoKeyToPrint(t *testing.T) {
	v := slog.AnyValue(secretKey("k", 32)).Resolve()
	want(t, "kind", v.Kind(), slog.KindString)
	want(t, "value", v.String(), "[secret]")
}

func TestR64_GobDoesNotEncodeASecret(t *testing.T) {
	k := secretKey("k", 32)
	var b bytes.Buffer
	want(t, "error", gob.NewEncoder(&b).Encode(k), nil)
	want(t, "the key is in it", bytes.Contains(b.Bytes(), k), false)
}
