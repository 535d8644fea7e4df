package bboltstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/gosessions/sessions/store"
	bolt "go.etcd.io/bbolt"
)

// The buckets. All three change in one transaction.
const (
	recordBucket  = "records"  // id → format, version, expiry, subject, data
	expiryBucket  = "expiry"   // expiry, id → nothing
	subjectBucket = "subjects" // hash of the subject, id → nothing
)

const (
	format   = 1
	head     = 1 + 8 + 8 + 4 // format, version, expiry, length of the subject
	maxID    = 128           // bytes
	hashSize = sha256.Size
)

var errFormat = errors.New("a record is damaged, or was written by a later version of this package")

// encode copies a record into the value that is kept of it.
func encode(r store.Record) []byte {
	v := make([]byte, 0, head+len(r.Subject)+len(r.Data))
	v = append(v, format)
	v = binary.BigEndian.AppendUint64(v, r.Version)
	v = append(v, stamp(r.Expires)...)
	v = binary.BigEndian.AppendUint32(v, uint32(len(r.Subject)))
	v = append(v, r.Subject...)
	return append(v, r.Data...)
}

// decode copies the record out of a value, which is mapped memory.
func decode(id string, v []byte) (store.Record, error) {
	if len(v) < head || v[0] != format {
		return store.Record{}, errFormat
	}
	r := store.Record{ID: id, Version: binary.BigEndian.Uint64(v[1:]), Expires: moment(v[9:])}
	n, rest := uint64(binary.BigEndian.Uint32(v[17:])), v[head:]
	if n > uint64(len(rest)) {
		return store.Record{}, errFormat
	}
	r.Subject, r.Data = string(rest[:n]), bytes.Clone(rest[n:])
	return r, nil
}

// stamp returns a time to the millisecond, rounded down, as bytes that sort as
// times do.
func stamp(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli())^1<<63)
}

func moment(b []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b) ^ 1<<63)).UTC()
}

func expired(r store.Record) bool { return !time.Now().Before(r.Expires) }

func expiryKey(r store.Record) []byte { return append(stamp(r.Expires), r.ID...) }

// subjectKey is the same length for any subject: keys have a limit.
func subjectKey(subject, id string) []byte {
	h := sha256.Sum256([]byte(subject))
	return append(h[:], id...)
}

// tables are the buckets in a transaction.
type tables struct{ records, expiry, subjects *bolt.Bucket }

func tablesOf(tx *bolt.Tx) tables {
	t := tables{
		tx.Bucket([]byte(recordBucket)), tx.Bucket([]byte(expiryBucket)), tx.Bucket([]byte(subjectBucket)),
	}
	// New ids and expiries come last, so no page needs room in its middle. A
	// file is half as large so.
	t.records.FillPercent, t.expiry.FillPercent = 0.9, 0.9
	return t
}

// get returns a record though it may have expired.
func (t tables) get(id string) (r store.Record, found bool, err error) {
	v := t.records.Get([]byte(id))
	if v == nil {
		return r, false, nil
	}
	r, err = decode(id, v)
	return r, err == nil, err
}

// put stores a record in the place of old, which is the zero Record if there
// is none.
func (t tables) put(old, r store.Record) error {
	was, is := expiryKey(old), expiryKey(r)
	if old.ID != "" && !bytes.Equal(was, is) {
		if err := t.expiry.Delete(was); err != nil {
			return err
		}
	}
	if old.ID == "" || !bytes.Equal(was, is) {
		if err := t.expiry.Put(is, nil); err != nil {
			return err
		}
	}
	if old.Subject != r.Subject {
		if err := t.unlist(old); err != nil {
			return err
		}
		if r.Subject != "" {
			if err := t.subjects.Put(subjectKey(r.Subject, r.ID), nil); err != nil {
				return err
			}
		}
	}
	return t.records.Put([]byte(r.ID), encode(r))
}

func (t tables) unlist(r store.Record) error {
	if r.Subject == "" {
		return nil
	}
	return t.subjects.Delete(subjectKey(r.Subject, r.ID))
}

// drop removes a record and what leads to it.
func (t tables) drop(r store.Record) error {
	return errors.Join(t.expiry.Delete(expiryKey(r)), t.unlist(r), t.records.Delete([]byte(r.ID)))
}

// checkID refuses what the file could not keep, before it is part of a
// transaction that others share.
func checkID(id string) error {
	if id == "" || len(id) > maxID {
		return fmt.Errorf("an id of %d bytes: it has 1 to %d", len(id), maxID)
	}
	return nil
}
