module github.com/gosessions/sessions

go 1.26
