module github.com/gosessions/sessions/connectsessions

go 1.26.0

require (
	connectrpc.com/connect v1.21.1
	github.com/gosessions/sessions v0.1.0
	google.golang.org/protobuf v1.36.12
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
)
