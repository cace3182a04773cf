// Package vault seals channel secrets with the installation's key, so that neither the journal nor a backup of it holds a
// password in the clear. A key that is replaced stays below the new one: what it sealed or signed is known still. The key is a file beside the data, or comes from the operator's environment; a backup without it
// cannot log in anywhere.
package vault

import (
	"bytes"
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
	"strings"
)

// KeyBytes is the length of a key.
const KeyBytes = 32

// sealedV1 is the first byte of everything sealed with AES-256-GCM: version, nonce, ciphertext.
const sealedV1 = 1

// Vault seals with one key, and opens with that one and with those before it. Safe for concurrent use.
type Vault struct {
	keys  [][]byte
	aeads []cipher.AEAD
}

// New makes a vault of a key of KeyBytes, and of older ones, which only open and verify.
func New(key []byte, older ...[]byte) (*Vault, error) {
	v := &Vault{}
	for _, k := range append([][]byte{key}, older...) {
		if len(k) != KeyBytes {
			return nil, fmt.Errorf("the secret key must be %d bytes (%d hex digits)", KeyBytes, 2*KeyBytes)
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, fmt.Errorf("make a cipher: %w", err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("make a cipher: %w", err)
		}
		v.keys, v.aeads = append(v.keys, bytes.Clone(k)), append(v.aeads, aead)
	}
	return v, nil
}

// Derive gives keys for a purpose that is not sealing, one for each of the vault's keys, the one in use first. Who has one of
// them learns neither the vault's key nor that of another purpose.
func (v *Vault) Derive(purpose string) [][]byte {
	out := make([][]byte, len(v.keys))
	for i, k := range v.keys {
		h := hmac.New(sha256.New, k)
		h.Write([]byte("centralita/" + purpose)) // a hash takes everything
		out[i] = h.Sum(nil)
	}
	return out
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
	var keys [][]byte
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, err := hex.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("the secret key in %s is not hexadecimal", path)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s is empty: put the one back that belongs to this data", path)
	}
	return New(keys[0], keys[1:]...)
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

// Seal encrypts with the key in use.
func (v *Vault) Seal(plain []byte) ([]byte, error) {
	aead := v.aeads[0]
	out := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	out[0] = sealedV1
	_, _ = rand.Read(out[1:])
	return aead.Seal(out, out[1:], plain, nil), nil
}

// Open decrypts what Seal made with one of the keys.
func (v *Vault) Open(sealed []byte) ([]byte, error) {
	n := 1 + v.aeads[0].NonceSize()
	if len(sealed) < n || sealed[0] != sealedV1 {
		return nil, errors.New("not sealed by this program")
	}
	for _, aead := range v.aeads {
		if plain, err := aead.Open(nil, sealed[1:n], sealed[n:], nil); err == nil {
			return plain, nil
		}
	}
	return nil, errors.New("sealed with another key: put the old secret.key back, or give the channel its passwords again")
}
