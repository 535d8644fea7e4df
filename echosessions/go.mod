module github.com/gosessions/sessions/echosessions

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/google/go-cmp v0.7.0
	github.com/gosessions/sessions v0.1.0
	github.com/labstack/echo/v5 v5.4.5
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	golang.org/x/time v0.15.0 // indirect
)
