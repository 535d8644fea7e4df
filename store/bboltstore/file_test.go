package bboltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/crash"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/bboltstore"
)

func TestRecordsSurviveAReopening(t *testing.T) { crash.Reopened(t, openStore) }

func TestPathThatWillNotDoSaysWhatToDo(t *testing.T) {
	crash.Paths(t, openStore, "bboltstore", "no bbolt database")
}

func TestCallsAfterCloseFail(t *testing.T) {
	ctx := t.Context()
	st := fresh(t)
	ok(t, st.Create(ctx, record("a")))
	ok(t, st.Close())
	_, loadErr := st.Load(ctx, "a")
	_, sweepErr := st.Sweep(ctx, 1)
	var listErr error
	for _, listErr = range st.List(ctx, "ann") {
		break
	}
	for what, err := range map[string]error{
		"Create": st.Create(ctx, record("b")),
		"Load":   loadErr,
		"Save":   st.Save(ctx, record("a")),
		"Delete": st.Delete(ctx, "a"),
		"Touch":  st.Touch(ctx, "a", 1, time.Now().Add(2*time.Hour)),
		"Sweep":  sweepErr,
		"List":   listErr,
	} {
		if err == nil || err.Error() != "bboltstore: the store is closed" {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	ok(t, st.Close())
}

const pageSize = 4096

// big makes a file of many pages.
func big(t *testing.T) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sessions.bolt")
	st, err := bboltstore.Open(path)
	ok(t, err)
	for n := range 60 {
		r := record(fmt.Sprint(n))
		r.Data = make([]byte, 2500)
		ok(t, st.Create(t.Context(), r))
	}
	ok(t, st.Close())
	content, err = os.ReadFile(path)
	ok(t, err)
	return path, content
}

// TestDamageIsAnErrorAndNeverAPanic spoils each page of a file in turn, other
// than the first two: they say where the others are, and if one is spoiled, it
// is taken for a write that was cut off. A page that is free may be anything.
func TestDamageIsAnErrorAndNeverAPanic(t *testing.T) {
	path, content := big(t)
	noticed := 0
	for what, spoil := range map[string]func(page []byte){
		"zeroes":                        func(page []byte) { clear(page) },
		"ones":                          func(page []byte) { copy(page, bytes.Repeat([]byte{0xff}, len(page))) },
		"a page's header, then letters": func(page []byte) { copy(page[16:], bytes.Repeat([]byte("damage"), len(page)/6)) },
	} {
		for page := 2; page < len(content)/pageSize; page++ {
			spoiled := bytes.Clone(content)
			spoil(spoiled[page*pageSize : (page+1)*pageSize])
			ok(t, os.WriteFile(path, spoiled, 0o600))
			err := use(t, path)
			if err != nil {
				noticed++
				if !strings.Contains(err.Error(), "bboltstore: ") || !strings.Contains(err.Error(), "damaged") {
					t.Errorf("page %d, %s: error %q does not say that the file is damaged", page, what, err)
				}
			}
		}
	}
	if noticed < 60 {
		t.Errorf("of many pages that were spoiled %d were noticed", noticed)
	}
}

// TestFewWrongBitsAreNeverAPanic changes bits, mostly in the heads of pages.
// Within a record's data nobody here can tell.
func TestFewWrongBitsAreNeverAPanic(t *testing.T) {
	path, content := big(t)
	noticed, r := 0, rand.New(rand.NewPCG(1, 2))
	for range 300 {
		spoiled := bytes.Clone(content)
		for range 1 + r.IntN(3) {
			at := r.IntN(len(spoiled)/pageSize)*pageSize + r.IntN([]int{16, 200, pageSize}[r.IntN(3)])
			spoiled[at] ^= byte(1 + r.IntN(255))
		}
		ok(t, os.WriteFile(path, spoiled, 0o600))
		err := use(t, path)
		switch {
		case err == nil || errors.Is(err, store.ErrNotFound): // another id, or the last write is undone
		case strings.Contains(err.Error(), "damaged"):
			noticed++
		default:
			t.Errorf("error %q does not say that the file is damaged", err)
		}
	}
	if noticed < 30 {
		t.Errorf("of 300 times %d were noticed", noticed)
	}
}

// use opens a file and calls all methods.
func use(t *testing.T, path string) error {
	st, err := bboltstore.Open(path)
	if err != nil {
		return err
	}
	ctx, errs := t.Context(), []error{}
	for n := range 60 {
		_, err := st.Load(ctx, fmt.Sprint(n))
		errs = append(errs, err)
	}
	for _, err := range st.List(ctx, "ann") {
		errs = append(errs, err)
	}
	_, err = st.Sweep(ctx, 10)
	return errors.Join(append(errs, err, st.Create(ctx, record("new")), st.Close())...)
}

func TestFileThatWasCutOffIsDamaged(t *testing.T) {
	path, content := big(t)
	ok(t, os.WriteFile(path, content[:len(content)/2], 0o600))
	if err := use(t, path); err == nil || !strings.Contains(err.Error(), "the file is damaged") {
		t.Errorf("half a file: %v", err)
	}
}
