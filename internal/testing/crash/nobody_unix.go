//go:build unix

package crash

import (
	"os"
	"syscall"
)

const nobody = 65534

// becomeNobody makes permissions count.
func becomeNobody() error {
	if os.Geteuid() != 0 {
		return nil
	}
	return syscall.Setuid(nobody)
}
