// Package surrealstore keeps session records in SurrealDB.
package surrealstore
