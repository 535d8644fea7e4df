package token_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/gosessions/sessions/internal/token"
)

func mint(t testing.TB, now time.Time) token.Token {
	t.Helper()
	tok, err := token.Mint(now)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// secret returns the bytes of a token after its id.
func secret(tok token.Token) string {
	raw, _ := base64.RawURLEncoding.DecodeString(tok.Text())
	return string(raw[16:])
}

func TestR1_SecretsAreFreshAndEven(t *testing.T) {
	const n = 100_000
	now := time.Now()
	seen := make(map[string]bool, n)
	var ones [160]int
	for range n {
		s := secret(mint(t, now))
		if seen[s] {
			t.Fatal("a secret came twice")
		}
		seen[s] = true
		for i := range ones {
			ones[i] += int(s[i/8] >> (i % 8) & 1)
		}
	}
	for i, count := range ones { // 6 standard deviations: once in a million runs
		if d := count - n/2; d*d > 36*n/4 {
			t.Errorf("bit %d is set in %d of %d secrets", i, count, n)
		}
	}
}

// failing is a random source with little to give.
type failing struct{ left int }

var errDry = errors.New("no randomness")

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errDry
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

func TestR1_NoRandomnessNoToken(t *testing.T) {
	was := rand.Reader
	defer func() { rand.Reader = was }()
	for _, left := range []int{0, 1, 29} {
		rand.Reader = &failing{left}
		tok, err := token.Mint(time.Now())
		if !errors.Is(err, errDry) && !errors.Is(err, io.ErrUnexpectedEOF) || !tok.IsZero() {
			t.Errorf("with %d random bytes: token %t, error %v", left, !tok.IsZero(), err)
		}
	}
}

func TestR2_IdsAreNotThoseOfASeededGenerator(t *testing.T) {
	before := time.Now().UnixNano()
	tok := mint(t, time.Now())
	got := ulid.MustParse(tok.ID()).Entropy()
	for seed := before - 5000; seed < time.Now().UnixNano()+5000; seed += 1 {
		if seed > before+200_000 {
			break
		}
		entropy := make([]byte, 10)
		_, _ = mathrand.New(mathrand.NewSource(seed)).Read(entropy)
		if string(entropy) == string(got) {
			t.Fatalf("seed %d predicts the id", seed)
		}
	}
}

func TestMintKeepsTheTime(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_123)
	if got := ulid.MustParse(mint(t, now).ID()).Timestamp(); !got.Equal(now) {
		t.Errorf("time of the id: %v, want %v", got, now)
	}
	for _, bad := range []time.Time{time.UnixMilli(1 << 48), time.UnixMilli(-1)} {
		if tok, err := token.Mint(bad); err == nil || !tok.IsZero() {
			t.Errorf("Mint(%v): error %v, want one", bad, err)
		}
	}
}

func TestTextRoundTrip(t *testing.T) {
	tok := mint(t, time.Now())
	got, ok := token.Parse(tok.Text())
	if !ok || got != tok || len(tok.Text()) != token.Len || len(tok.ID()) != 26 {
		t.Errorf("Parse(Text()) = %v, %t; want %v", got, ok, tok)
	}
}

func TestR5_OneSpelling(t *testing.T) {
	tok := mint(t, time.Now())
	text := tok.Text()
	for i := range text {
		for c := range 256 {
			changed := text[:i] + string([]byte{byte(c)}) + text[i+1:]
			if got, ok := token.Parse(changed); changed != text && ok && got == tok {
				t.Fatalf("%q and %q are one token", text, changed)
			}
		}
	}
	for name, alias := range map[string]string{
		"empty":            "",
		"short":            text[1:],
		"long":             text + "A",
		"padded":           text + "=",
		"line break after": text + "\n",
		"line break in it": text[:47] + "\n",
		"CR in it":         text[:20] + "\r" + text[21:],
		"four line breaks": text[:44] + "\n\n\n\n",
		"CRLF in it":       text[:20] + "\r\n\r\n" + text[24:],
		"quoted":           `"` + text + `"`,
		"other alphabet":   "+/" + text[2:],
		"space":            " " + text[1:],
		"huge":             strings.Repeat("A", 900_000),
	} {
		if _, ok := token.Parse(alias); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestR4_OnlyTheRightSecretMatches(t *testing.T) {
	tok, other := mint(t, time.Now()), mint(t, time.Now())
	verifier := tok.Verifier("a")
	if !token.Equal(tok.Verifier("a"), &verifier) {
		t.Error("the right token does not match")
	}
	if token.Equal(other.Verifier("a"), &verifier) || token.Equal(tok.Verifier("a"), new([32]byte)) {
		t.Error("another token or no verifier matches")
	}
	for i := range 288 { // every bit of id and secret counts
		raw, _ := base64.RawURLEncoding.DecodeString(tok.Text())
		raw[i/8] ^= 1 << (i % 8)
		wrong, _ := token.Parse(base64.RawURLEncoding.EncodeToString(raw))
		if token.Equal(wrong.Verifier("a"), &verifier) {
			t.Fatalf("a token with bit %d changed matches", i)
		}
	}
	for i := range 256 { // and every bit of the verifier
		wrong := verifier
		wrong[i/8] ^= 1 << (i % 8)
		if token.Equal(tok.Verifier("a"), &wrong) {
			t.Fatalf("a verifier with bit %d changed matches", i)
		}
	}
}

func TestR54_NamespacesDoNotMix(t *testing.T) {
	tok := mint(t, time.Now())
	for _, name := range []string{"__Host-id", "", "a", strings.Repeat("long", 100)} {
		verifier := tok.Verifier(name)
		for _, other := range []string{"__Host-ie", "b", name + "x", name + "\x00"} {
			if token.Equal(tok.Verifier(other), &verifier) {
				t.Errorf("verifier of %q matches in %q", name, other)
			}
		}
		if !token.Equal(tok.Verifier(name), &verifier) {
			t.Errorf("verifier of %q does not match there", name)
		}
	}
}

// spellings returns how a secret might show.
func spellings(secret string) []string {
	b := []byte(secret)
	return []string{
		secret, hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
		base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b), fmt.Sprint(b), fmt.Sprintf("%#v", b),
	}
}

func TestR64_SecretIsNeverPrinted(t *testing.T) {
	tok := mint(t, time.Now())
	type holder struct{ T token.Token }
	var out strings.Builder
	for _, v := range []any{tok, &tok, []token.Token{tok}, map[string]token.Token{"a": tok}, holder{tok}, &holder{tok}, map[token.Token]int{tok: 1}} {
		for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "U", "t"} {
			fmt.Fprintf(&out, "%"+verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("token", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("token", "v", v)
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(encoded)
	}
	for _, s := range append(spellings(secret(tok)), tok.Text()) {
		if strings.Contains(out.String(), s) {
			t.Errorf("printed: %q", s)
		}
	}
	if !strings.Contains(out.String(), tok.ID()) {
		t.Error("the id is not printed, which could be")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mint(f, time.Now()).Text())
	f.Add("")
	f.Add(strings.Repeat("A", token.Len))
	f.Add(strings.Repeat("_", token.Len))
	f.Fuzz(func(t *testing.T, text string) {
		if tok, ok := token.Parse(text); ok && tok.Text() != text {
			t.Errorf("%q is another spelling of %q", text, tok.Text())
		}
	})
}
