module github.com/gosessions/sessions/fibersessions

go 1.26.0

require (
	github.com/gofiber/fiber/v3 v3.5.0
	github.com/gosessions/sessions v0.1.0
	github.com/valyala/fasthttp v1.73.0
)
