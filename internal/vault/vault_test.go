package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestSealedSecretsOpenOnlyWithTheirKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.key")
	v, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Seal([]byte("hunter2"))
	if err != nil || bytes.Contains(sealed, []byte("hunter2")) {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	again, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed); err != nil || string(plain) != "hunter2" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	other, _ := New(make([]byte, KeyBytes))
	for name, bad := range map[string][]byte{"other key": sealed, "cut": sealed[:5], "empty": nil, "changed": append(bytes.Clone(sealed[:len(sealed)-1]), 0)} {
		if plain, err := other.Open(bad); err == nil {
			t.Errorf("%s: opened %q", name, plain)
		}
	}
	if fi, _ := os.Stat(path); fi.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v", fi.Mode())
	}
}

func TestABadKeyFileIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path); err == nil {
		t.Fatal("took a bad key")
	}
}
