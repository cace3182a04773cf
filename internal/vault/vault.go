// Package vault seals channel secrets with the installation's key, so that neither the journal nor a backup of it holds a
// password in the clear. The key is a file beside the data, or comes from the operator's environment; a backup without it
// cannot log in anywhere.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// KeyBytes is the length of a key.
const KeyBytes = 32

// sealedV1 is the first byte of everything sealed with AES-256-GCM: version, nonce, ciphertext.
const sealedV1 = 1

// Vault seals and opens with one key. Safe for concurrent use.
type Vault struct {
	aead cipher.AEAD
	key  []byte
}

// New makes a vault of a key of KeyBytes.
func New(key []byte) (*Vault, error) {
	if len(key) != KeyBytes {
		return nil, fmt.Errorf("the secret key must be %d bytes (%d hex digits)", KeyBytes, 2*KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return &Vault{aead, slices.Clone(key)}, nil
}

// ReadFile reads the key file and never makes one.
func ReadFile(path string) (*Vault, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: put the one back that belongs to this data, without it channel passwords cannot be opened", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	return parse(path, raw)
}

// OpenFile reads the key file, or makes one (mode 0600) when it is not there.
func OpenFile(path string) (*Vault, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret key: %w", err)
	}
	return parse(path, raw)
}

func parse(path string, raw []byte) (*Vault, error) {
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil {
		return nil, fmt.Errorf("the secret key in %s is not hexadecimal", path)
	}
	return New(key)
}

// create writes a new key so that a crash leaves either none or all of it.
func create(path string) ([]byte, error) {
	key := make([]byte, KeyBytes)
	_, _ = rand.Read(key)
	text := []byte(hex.EncodeToString(key) + "\n")
	tmp, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return text, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Derive gives a key for one purpose, which says nothing of the vault's own.
func (v *Vault) Derive(purpose string) []byte {
	m := hmac.New(sha256.New, v.key)
	m.Write([]byte("centralita/" + purpose))
	return m.Sum(nil)
}

// Seal encrypts.
func (v *Vault) Seal(plain []byte) ([]byte, error) {
	out := make([]byte, 1+v.aead.NonceSize(), 1+v.aead.NonceSize()+len(plain)+v.aead.Overhead())
	out[0] = sealedV1
	_, _ = rand.Read(out[1:])
	return v.aead.Seal(out, out[1:], plain, nil), nil
}

// Open decrypts what Seal made with the same key.
func (v *Vault) Open(sealed []byte) ([]byte, error) {
	n := 1 + v.aead.NonceSize()
	if len(sealed) < n || sealed[0] != sealedV1 {
		return nil, errors.New("not sealed by this program")
	}
	plain, err := v.aead.Open(nil, sealed[1:n], sealed[n:], nil)
	if err != nil {
		return nil, errors.New("sealed with another key: put the old secret.key back, or give the channel its passwords again")
	}
	return plain, nil
}
