package bboltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
)

// The format of bbolt's files, version 2, in the machine's order of bytes. A
// page is a head (id, kind, number of elements, number of pages that it spans
// further), the elements, and what they point to.
const (
	headSize    = 16
	elementSize = 16
	branchKind  = 0x01
	leafKind    = 0x02
	bucketFlag  = 0x01 // of an element whose value is a bucket
	rootAt      = headSize + 16
	endAt       = rootAt + 24
	metaSize    = endAt + 8
)

// verify reads all keys. bbolt does so as well, for pages that are free, but
// in a goroutine of its own, whose panic over damage would end the program.
func verify(path string) error {
	db, file, err := connect(path, bolt.Options{ReadOnly: true}) // for its lock
	if err != nil {
		return err
	}
	tx, err := db.Begin(false)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	turn := tx.ID() // writes take turns with the first two pages
	if err := tx.Rollback(); err != nil {
		return errors.Join(err, db.Close())
	}
	v := verifier{file: file, pageSize: int64(db.Info().PageSize)}
	if err := v.all(int64(turn) % 2); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, errors.Join(err, db.Close()))
	}
	return db.Close()
}

// verifier walks through a file.
type verifier struct {
	file     io.ReaderAt
	pageSize int64
	seen     []bool // pages that were visited
}

// all starts from the page that says where the others are.
func (v *verifier) all(meta int64) error {
	b := make([]byte, metaSize)
	if _, err := v.file.ReadAt(b, meta*v.pageSize); err != nil {
		return err
	}
	end := binary.NativeEndian.Uint64(b[endAt:])
	if _, err := v.file.ReadAt(b[:1], int64(end)*v.pageSize-1); err != nil {
		return fmt.Errorf("it was cut off: %w", err)
	}
	v.seen = make([]bool, end)
	return v.tree(binary.NativeEndian.Uint64(b[rootAt:]), new(order))
}

// tree reads a page and those below it. No page is read twice, so it ends.
func (v *verifier) tree(id uint64, o *order) error {
	p, err := v.page(id)
	if err != nil {
		return err
	}
	if kind(p) == leafKind {
		return v.leaf(p, o)
	}
	if kind(p) != branchKind || count(p) == 0 {
		return fmt.Errorf("page %d is none of keys", id)
	}
	for i := range count(p) {
		e := p[headSize+i*elementSize:]
		k, err := span(e, binary.NativeEndian.Uint32(e), 0, binary.NativeEndian.Uint32(e[4:]))
		if err != nil || !o.from(k) {
			return fmt.Errorf("page %d: key %d does not follow", id, i)
		}
		if err := v.tree(binary.NativeEndian.Uint64(e[8:]), o); err != nil {
			return err
		}
	}
	return nil
}

// page reads a page whole, with the elements that it says it has.
func (v *verifier) page(id uint64) ([]byte, error) {
	if id < 2 || id >= uint64(len(v.seen)) {
		return nil, fmt.Errorf("there is no page %d", id)
	}
	p := make([]byte, v.pageSize)
	if _, err := v.file.ReadAt(p, int64(id)*v.pageSize); err != nil {
		return nil, err
	}
	further := uint64(binary.NativeEndian.Uint32(p[12:]))
	if binary.NativeEndian.Uint64(p) != id || further >= uint64(len(v.seen))-id {
		return nil, fmt.Errorf("page %d has the head of another", id)
	}
	for i := id; i <= id+further; i++ {
		if v.seen[i] {
			return nil, fmt.Errorf("page %d is there twice", i)
		}
		v.seen[i] = true
	}
	if further > 0 {
		p = append(p, make([]byte, int64(further)*v.pageSize)...)
		if _, err := v.file.ReadAt(p[v.pageSize:], int64(id+1)*v.pageSize); err != nil {
			return nil, err
		}
	}
	if headSize+count(p)*elementSize > len(p) {
		return nil, fmt.Errorf("page %d has more elements than room", id)
	}
	return p, nil
}

// leaf reads elements that are keys with values, or with further trees.
func (v *verifier) leaf(p []byte, o *order) error {
	for i := range count(p) {
		e := p[headSize+i*elementSize:]
		flags, at := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:])
		keySize, valueSize := binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
		k, err := span(e, at, 0, keySize)
		if err != nil || !o.next(k) {
			return fmt.Errorf("key %d of a page does not follow", i)
		}
		value, err := span(e, at, keySize, valueSize)
		if err != nil {
			return err
		}
		switch flags {
		case 0:
		case bucketFlag:
			if err := v.bucket(value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("key %d of a page has the flags %x", i, flags)
		}
	}
	return nil
}

// bucket reads a tree of its own, or, if it is small, its only page within the
// value.
func (v *verifier) bucket(value []byte) error {
	if len(value) < headSize {
		return errors.New("a bucket has no root")
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return v.tree(root, new(order))
	}
	p := value[headSize:]
	if len(p) < headSize || kind(p) != leafKind || headSize+count(p)*elementSize > len(p) {
		return errors.New("a small bucket is no page of keys")
	}
	return v.leaf(p, new(order))
}

func kind(p []byte) uint16 { return binary.NativeEndian.Uint16(p[8:]) }

func count(p []byte) int { return int(binary.NativeEndian.Uint16(p[10:])) }

// span returns what is at a distance from an element.
func span(e []byte, at, skip, size uint32) ([]byte, error) {
	from := uint64(at) + uint64(skip)
	if from+uint64(size) > uint64(len(e)) {
		return nil, errors.New("an element points out of its page")
	}
	return e[from : from+uint64(size)], nil
}

// order is how far a tree was read: keys only ever rise.
type order struct{ last, least []byte }

// from notes the least key of what follows.
func (o *order) from(k []byte) bool {
	if bytes.Compare(k, o.least) < 0 || o.last != nil && bytes.Compare(k, o.last) <= 0 {
		return false
	}
	o.least = k
	return true
}

func (o *order) next(k []byte) bool {
	if len(k) == 0 || bytes.Compare(k, o.least) < 0 || o.last != nil && bytes.Compare(k, o.last) <= 0 {
		return false
	}
	o.last = k
	return true
}
