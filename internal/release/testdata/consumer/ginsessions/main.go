// Command consumer counts two visits in Gin.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/ginsessions"
	"github.com/gosessions/sessions/store/memstore"
)

const counter = sessions.Key[int]("counter")

func main() {
	manager, err := sessions.New(new(memstore.Store), sessions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(ginsessions.Wrap(manager.Handler))
	engine.GET("/", ginsessions.KeyHandlerFunc(counter, func(c *gin.Context, n *sessions.Typed[int]) {
		n.Data++
		c.JSON(http.StatusOK, n.Data)
	}))
	request := httptest.NewRequest("GET", "/", nil)
	first := httptest.NewRecorder()
	engine.ServeHTTP(first, request)
	for _, cookie := range first.Result().Cookies() {
		request.AddCookie(cookie)
	}
	second := httptest.NewRecorder()
	engine.ServeHTTP(second, request)
	if second.Body.String() != "2" {
		log.Fatalf("second visit counted as %q", second.Body)
	}
	fmt.Println("counted 2 visits")
}
