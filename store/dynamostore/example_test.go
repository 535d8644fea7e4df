package dynamostore_test

import (
	"context"
	"log"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store/dynamostore"
)

func Example() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(
		awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = 100 // visitors who are served at once
		}),
	))
	if err != nil {
		log.Fatal(err)
	}
	st, err := dynamostore.New(dynamodb.NewFromConfig(cfg), dynamostore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil { // or let CloudFormation or Terraform make the table
		log.Fatal(err)
	}
	if _, err := sessions.New(st, sessions.Options{}); err != nil {
		log.Fatal(err)
	}
}

// In a table that has other items, too.
func ExampleNew_singleTable() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	_, err = dynamostore.New(dynamodb.NewFromConfig(cfg), dynamostore.Options{
		Table:        "app",
		PartitionKey: dynamostore.Key{Name: "PK", Prefix: "SESSION#"},
		SortKey:      dynamostore.Key{Name: "SK", Value: "SESSION"},
		Index:        "GSI1",
		Subject:      "GSI1PK",
	})
	if err != nil {
		log.Fatal(err)
	}
}

// Migrate makes the table as Table defines it. To change that, create it
// yourself, and let Migrate wait for it and turn time to live on.
func ExampleStore_Table() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := dynamodb.NewFromConfig(cfg)
	st, err := dynamostore.New(client, dynamostore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	table := st.Table()
	table.DeletionProtectionEnabled = aws.Bool(true)
	if _, err := client.CreateTable(ctx, table); err != nil {
		log.Fatal(err)
	}
	if err := st.Migrate(ctx); err != nil {
		log.Fatal(err)
	}
}

// A server for development, such as DynamoDB Local, takes any credentials.
func ExampleNew_local() {
	client := dynamodb.New(dynamodb.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String("http://localhost:8000"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	if _, err := dynamostore.New(client, dynamostore.Options{}); err != nil {
		log.Fatal(err)
	}
}
