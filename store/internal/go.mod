module github.com/gosessions/sessions/store/internal

go 1.26

require github.com/google/go-cmp v0.7.0
