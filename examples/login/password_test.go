package main

import (
	"strings"
	"testing"
	"time"
)

func TestR124_PasswordsThatAreGuessedFirstAreRefused(t *testing.T) {
	for _, password := range []string{
		"passwordpassword", "password1234567", "P@ssw0rd12345678", "123456789012345", "111111111111111",
		"qwertyuiopasdfgh", "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc4rfv", "zaq1zaq1zaq1zaq1", "iloveyouforever1",
		"abcdefghijklmnop", "abababababababab", "aaaaaaaaaaaaaaab", "letmeinletmein1", "superman12345678",
		"manchesterunited", "winter2026winter", "michaeljordan23", "thequickbrownfox", "january01011980",
		"mybirthdayis1990", "loginloginlogin", "annannannannann", "charlemagne1234",
		strings.Repeat("password", 32), strings.Repeat("abcdef ", 36),
	} {
		fault := weaknesses(credentials{"charlemagne", password})
		if !strings.HasPrefix(fault, "The password is too easy to guess: ") || !strings.Contains(fault, "Use four words") {
			t.Errorf("%s: %q", password, fault)
		}
	}
	for _, password := range []string{
		annsPassword, bobsPassword, newPassword, "Ünicode is übrigens fine", "日本語のパスワードは長いですね",
		"x7Kp2mQz9LwN4vR", "blue table runs fast", "charlemagne had four tall horses",
	} {
		if fault := weaknesses(credentials{"charlemagne", password}); fault != "" {
			t.Errorf("%s: %s", password, fault)
		}
	}
}

// The library's time grows with the cube of the length: with 256 of these
// characters it takes a minute.
func TestR124_NoPasswordTakesLongToJudge(t *testing.T) {
	password := ("#" + strings.Repeat("4@8({[<369!1|0$5+7%2passw0rd", 10))[:maxPassword]
	began := time.Now()
	if fault := weaknesses(credentials{"ann", password}); fault != "" && !strings.HasPrefix(fault, "The password is too easy") {
		t.Error(fault)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
