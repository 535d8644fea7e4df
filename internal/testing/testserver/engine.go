package testserver

import (
	"fmt"
	"strings"
)

// Engine is a kind of server that a store is tested against.
type Engine string

// The engines.
const (
	PostgreSQL Engine = "PostgreSQL"
	MariaDB    Engine = "MariaDB"
	MySQL      Engine = "MySQL"
	LibSQL     Engine = "libSQL"
	Redis      Engine = "Redis"
	Redis8     Engine = "Redis 8"
	Valkey     Engine = "Valkey"
	MongoDB    Engine = "MongoDB"
	DynamoDB   Engine = "DynamoDB"
	Firestore  Engine = "Firestore"
	SurrealDB  Engine = "SurrealDB"

	// RedisCluster is a node of a cluster, which has no slots yet.
	RedisCluster Engine = "Redis Cluster"
)

// Variable names the environment variable that holds a server's address: a
// URL, for MariaDB and MySQL a DSN of go-sql-driver/mysql, for Firestore's
// emulator host and port.
func (e Engine) Variable() string {
	switch e {
	case PostgreSQL:
		return "POSTGRES_URL"
	case MariaDB:
		return "MARIADB_DSN"
	case MySQL:
		return "MYSQL_DSN"
	case LibSQL:
		return "LIBSQL_URL"
	case Redis:
		return "REDIS_URL"
	case Redis8:
		return "REDIS8_URL"
	case Valkey:
		return "VALKEY_URL"
	case RedisCluster:
		return "REDIS_CLUSTER_URL"
	case MongoDB:
		return "MONGODB_URI"
	case DynamoDB:
		return "DYNAMODB_ENDPOINT"
	case Firestore:
		return "FIRESTORE_EMULATOR_HOST"
	case SurrealDB:
		return "SURREALDB_URL"
	}
	panic("testserver: unknown engine " + string(e))
}

// Required reports whether CI fails without the engine.
func (e Engine) Required() bool {
	return e != MySQL && e != Redis8 && e != Valkey && e != RedisCluster
}

// backend returns how the engine is run privately, nil if it cannot be.
func (e Engine) backend() *backend {
	switch e {
	case PostgreSQL:
		return postgresql()
	case MariaDB:
		return mariadb()
	case MySQL:
		return mysql()
	case Redis:
		return redis("redis-server")
	case Valkey:
		return redis("valkey-server")
	case Firestore:
		return firestore()
	case RedisCluster:
		return redis("redis-server", "--cluster-enabled", "yes")
	case SurrealDB:
		return surrealdb()
	case MongoDB:
		return mongodb()
	case DynamoDB:
		return dynamodb()
	}
	return nil
}

// advice says how to get a server for the tests; only those that a test starts
// itself are private. It is short, because a table repeats it for each store.
func (e Engine) advice(private bool) string {
	var ways []string
	if !private {
		ways = append(ways, "set "+e.Variable())
	}
	if b := e.backend(); b != nil {
		ways = append(ways, fmt.Sprintf("install %s (%s)", e, strings.Join(b.programs, ", ")))
	}
	if len(ways) == 0 {
		return "the tests cannot start one"
	}
	return strings.Join(ways, " or ")
}
