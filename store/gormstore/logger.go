package gormstore

import (
	"context"

	"gorm.io/gorm/logger"
)

// quiet is the application's logger, which gets the store's statements without
// their values.
type quiet struct{ logger.Interface }

// LogMode is what GORM's Debug calls.
func (q quiet) LogMode(level logger.LogLevel) logger.Interface {
	return quiet{q.Interface.LogMode(level)}
}

// ParamsFilter drops the values.
func (quiet) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }
