// Package gormstore keeps session records in the table of a GORM model, which
// may be the application's own.
package gormstore
