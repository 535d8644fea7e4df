package main

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/dynamostore"
)

const needsServer = true

func open() (store.Store, error) {
	return dynamostore.New(dynamodb.New(dynamodb.Options{Region: "eu-central-1"}), dynamostore.Options{})
}
