// Package firestorestore keeps session records in Firestore.
package firestorestore
