package sqlstore

// Statements returns the store's statements by the name of their method.
func Statements(s *Store) map[string]string {
	return map[string]string{
		"Create": s.create.text, "Load": s.load.text, "Save": s.save.text, "Delete": s.remove.text,
		"Touch": s.touch.text, "Sweep": s.sweep.text, "List": s.list.text,
	}
}
