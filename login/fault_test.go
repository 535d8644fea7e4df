package login_test

import "github.com/gosessions/sessions/internal/faultstore"

// faultAll makes all operations fail.
func faultAll() func(int, string) faultstore.Fault {
	return func(int, string) faultstore.Fault { return faultstore.Before }
}
