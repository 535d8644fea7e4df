module github.com/gosessions/sessions/store/bboltstore

go 1.26.0

require (
	github.com/gosessions/sessions v0.1.0
	github.com/gosessions/sessions/store/internal v0.1.0
	go.etcd.io/bbolt v1.5.0
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	golang.org/x/sys v0.45.0 // indirect
)
