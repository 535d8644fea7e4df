// Package dynamostore keeps session records in DynamoDB.
package dynamostore
