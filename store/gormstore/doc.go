// Package gormstore keeps session records in the table of a GORM model, which
// may be the application's own: a struct that embeds Record and has columns
// beside it that follow the session, such as the account that it is of. The
// databases are PostgreSQL, MySQL, MariaDB and SQLite. An application that
// does not use GORM has no reason to: package sqlstore needs database/sql only.
//
//	type Session struct {
//		gormstore.Record
//		AccountID *uint `gorm:"index"`
//	}
//
//	st, err := gormstore.New(db, gormstore.Options{
//		Model: &Session{},
//		Columns: func(ctx context.Context, r store.Record) (map[string]any, error) {
//			id, err := accountOf(r.Subject) // nil for nobody
//			return map[string]any{"AccountID": id}, err
//		},
//	})
//	if err != nil {
//		return err
//	}
//	if err := st.Migrate(ctx); err != nil { // in place of AutoMigrate
//		return err
//	}
//
// # Rows
//
// The application may read rows as it likes, and write columns of its own. A
// save leaves the columns as they are that Options.Columns does not return. A
// session has one row with one id for its whole life: a login, a change of user
// and a renewal update the row, and a logout deletes it. So if a column belongs
// to a user, let Options.Columns write it, or the next user of the session
// inherits it. To end a session call Manager.Revoke with the row's id, which
// stops requests that are under way.
//
// A row is not always a live session. Rows whose expires, milliseconds since
// 1970, has passed stay until they are swept.
//
// # GORM
//
// Each call is one statement in no transaction. Hooks of the model run where a
// record is created or saved, on a model that holds the record, and times that
// GORM keeps (CreatedAt, UpdatedAt) are kept. A touch is no update. What the
// application deletes softly is gone for the store, and what the store deletes
// is deleted.
//
// The logger gets the store's statements without their values. Plugins that
// trace statements get all; tell them to leave values out.
//
// Set PrepareStmt for MySQL and MariaDB, or else a call takes two round trips.
// For PostgreSQL it gains nothing, for pgx prepares by itself, and outlives no
// change of a column's type. With dbresolver give New a
// db.Clauses(dbresolver.Write): a replica would return what was deleted.
package gormstore
