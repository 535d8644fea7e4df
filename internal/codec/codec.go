// Package codec turns Go values into bytes and back: [JSON] and [Gob].
package codec

import "reflect"

// scalar kinds hold no other values.
func scalar(k reflect.Kind) bool { return k <= reflect.Complex128 || k == reflect.String }
