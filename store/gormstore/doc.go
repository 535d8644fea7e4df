// Package gormstore keeps session records in the table of a GORM model. The
// model can be the application's own: a struct that embeds [Record] and has
// further columns that follow the session, such as the account of its user. The
// databases are PostgreSQL, MySQL, MariaDB and SQLite. If the application does
// not use GORM, use package sqlstore, which needs only database/sql.
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
// The application may read all rows, and write its own columns. A save does not
// change columns that Options.Columns does not return. A session has one row with
// one ID for its whole life: a login, a change of user and a renewal update the
// row, and a logout deletes it. So if a column belongs to a user, let
// Options.Columns write it; otherwise the next user of the session inherits it.
// To end a session, call Manager.Revoke with the ID of its row: requests that are
// under way then save nothing.
//
// A row may have expired. Rows whose expires (milliseconds since 1970) has passed
// stay until they are swept.
//
// # GORM
//
// Each call is one statement without a transaction. Hooks of the model run when a
// record is created or saved, on a model that holds the record. GORM also sets
// CreatedAt and UpdatedAt then; a touch does not change them. A row that the
// application deletes softly does not exist for the store. The store deletes rows
// for good.
//
// The logger gets the store's statements without their values. Plugins that trace
// statements get the values, too, unless you configure them otherwise.
//
// Set PrepareStmt for MySQL and MariaDB; otherwise a call takes two round trips.
// For PostgreSQL do not set it: pgx prepares statements itself, and those of GORM
// fail after a change of a column's type. With dbresolver give [New] a
// db.Clauses(dbresolver.Write), because a replica may return deleted records.
package gormstore
