module github.com/gosessions/sessions/store/redisstore

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/gosessions/sessions v0.1.0
	github.com/redis/rueidis v1.0.79
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
