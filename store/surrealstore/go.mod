module github.com/gosessions/sessions/store/surrealstore

go 1.26.0

require (
	github.com/fxamacker/cbor/v2 v2.7.0
	github.com/google/go-cmp v0.7.0
	github.com/gorilla/websocket v1.5.3
	github.com/gosessions/sessions v0.1.0
	github.com/gosessions/sessions/store/internal v0.1.0
	github.com/surrealdb/surrealdb.go v1.3.0
)

require (
	github.com/dolthub/maphash v0.1.0 // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/gofrs/uuid v4.4.0+incompatible // indirect
	github.com/klauspost/compress v1.20.4 // indirect
	github.com/lxzan/gws v1.8.9 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	github.com/x448/float16 v0.8.4 // indirect
)
