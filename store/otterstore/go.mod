module github.com/gosessions/sessions/store/otterstore

go 1.26.0

require (
	github.com/alexedwards/scs/v2 v2.9.0
	github.com/gosessions/sessions v0.1.0
	github.com/maypok86/otter/v2 v2.4.0
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
)
