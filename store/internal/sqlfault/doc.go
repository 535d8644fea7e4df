// Package sqlfault classifies the errors of SQL databases for stores. It runs a
// statement again if the error says that this is safe. Otherwise it adds to the
// error what to do about it.
//
// Its exported API only grows: stores of different versions share it.
package sqlfault
