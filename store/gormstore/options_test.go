package gormstore_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/gosessions/sessions/store/gormstore"
)

type hiding struct {
	gormstore.Record
	Data string
}

type pointing struct{ *gormstore.Record }

type doubled struct {
	gormstore.Record
	Number int `gorm:"primaryKey"`
}

type unparsed struct {
	gormstore.Record
	Number struct{ N int }
}

// Named has other names for the record's columns.
type Named struct {
	gormstore.Record `gorm:"embeddedPrefix:sess_"`
}

func TestOptionsThatAreWrong(t *testing.T) {
	db := engines[len(engines)-1].open(t)
	for name, test := range map[string]struct {
		db    *gorm.DB
		model gormstore.Model
		wants []string
	}{
		"no database":               {nil, nil, []string{"db is nil", "gorm.Open"}},
		"zero database":             {&gorm.DB{}, nil, []string{"db is nil"}},
		"unknown database":          {&gorm.DB{Config: &gorm.Config{Dialector: oracle{}, NamingStrategy: schema.NamingStrategy{}}}, &pointing{}, []string{`"oracle"`, "use PostgreSQL", "embeds a pointer"}},
		"model that hides a column": {db, &hiding{}, []string{"a field Data of its own"}},
		"model without a record":    {db, &pointing{}, []string{"embeds a pointer"}},
		"model by value":            {db, pointing{}, []string{"give a pointer"}},
		"model with two keys":       {db, &doubled{}, []string{"a primary key of its own"}},
		"model that GORM refuses":   {db, &unparsed{}, []string{"Options.Model: ", "Number"}},
	} {
		t.Run(name, func(t *testing.T) {
			st, err := gormstore.New(test.db, gormstore.Options{Model: test.model})
			if err == nil || st != nil {
				t.Fatalf("store %v, error %v", st, err)
			}
			for _, part := range append(test.wants, "gormstore: ") {
				if strings.Count(err.Error(), part) != 1 {
					t.Errorf("error %q does not say %q once", err, part)
				}
			}
		})
	}
}

type oracle struct{ gorm.Dialector }

func (oracle) Name() string { return "oracle" }

func TestModelMayBeANilPointer(t *testing.T) {
	db := engines[len(engines)-1].open(t)
	st := migrated(t, db, gormstore.Options{Model: (*Session)(nil)})
	for _, c := range calls(t.Context(), st, "a") {
		ok(t, c.run())
	}
}

func TestColumnsMayHaveOtherNames(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		st := migrated(t, e.open(t), gormstore.Options{Model: &Named{}})
		for _, c := range calls(t.Context(), st, "a") {
			ok(t, c.run())
		}
	})
}
