// Checks a notary's folder with other people's code: golang.org/x/mod/sumdb (note, tlog), the format library of
// transparency-dev for cosignatures, and the fsck of Tessera. Nothing here is Assent's.
//
//	third-party FOLDER VKEY [WITNESS_VKEY]
//	third-party receipts VKEY FILE…
//
// The second form checks receipts of single entries (tlog-proof), with tlog.CheckRecord. Prints a line for each check; exits 1 when one fails.
package main

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var failed bool

func check(what string, err error) {
	if err != nil {
		failed = true
		fmt.Printf("FAILED  %s: %v\n", what, err)
		return
	}
	fmt.Printf("ok      %s\n", what)
}

func main() {
	folder := os.Args[1]
	log, err := note.NewVerifier(os.Args[2])
	if err != nil {
		check("the public key", err)
		os.Exit(1)
	}
	if folder == "receipts" {
		for _, file := range os.Args[3:] {
			check("receipt "+filepath.Base(file)+": the entry in it is in the tree that was signed", checkReceipt(file, log))
		}
		exit()
	}
	var witness note.Verifier
	if len(os.Args) > 3 {
		if witness, err = cosignature.NewVerifierForCosignatureV1(os.Args[3]); err != nil {
			check("the witness's key", err)
			os.Exit(1)
		}
	}
	prefixes, err := filepath.Glob(filepath.Join(folder, "p", "*"))
	check("there are partitions", or(err, len(prefixes) > 0))
	sort.Strings(prefixes)
	heads := map[string]*head{}
	for _, prefix := range append(prefixes, filepath.Join(folder, "anchor")) {
		name, _ := filepath.Rel(folder, prefix)
		head, err := readHead(prefix, log, nil)
		check(name+": the checkpoint is signed", err)
		if err != nil {
			continue
		}
		heads[name] = head
		check(name+": leaves and tiles give the root, and prove each leaf", checkTree(prefix, head))
		check(name+": Tessera's fsck", checkFiles(prefix, log, head))
	}
	if anchor := heads["anchor"]; anchor != nil {
		check("anchor: its leaves are checkpoints that were signed, and each tree continues them", checkHistory(folder, log, heads))
	}
	if witness != nil {
		_, err := readHead(filepath.Join(folder, "anchor"), log, witness)
		check("anchor: the witness has cosigned it", err)
	}
	exit()
}

func exit() {
	if failed {
		os.Exit(1)
	}
	os.Exit(0)
}

// The extra data of a receipt is the leaf.
func checkReceipt(file string, log note.Verifier) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	above, checkpoint, isWhole := strings.Cut(string(text), "\n\n")
	lines := strings.Split(above, "\n")
	if !isWhole || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("it is no receipt")
	}
	leaf, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return fmt.Errorf("no hash: %q", line)
		}
		proof = append(proof, tlog.Hash(hash))
	}
	head, err := openHead([]byte(checkpoint), log, nil)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, head.tree.N, head.tree.Hash, index, tlog.RecordHash(leaf))
}

func or(err error, isSo bool) error {
	if err == nil && !isSo {
		return errors.New("it is not so")
	}
	return err
}

type head struct {
	origin string
	tree   tlog.Tree
}

// The checkpoint of a tree, signed by the log, and by the witness where there is one.
func readHead(prefix string, log, witness note.Verifier) (*head, error) {
	text, err := os.ReadFile(filepath.Join(prefix, "checkpoint"))
	if err != nil {
		return nil, err
	}
	return openHead(text, log, witness)
}

func openHead(text []byte, log, witness note.Verifier) (*head, error) {
	known := note.VerifierList(log)
	if witness != nil {
		known = note.VerifierList(log, witness)
	}
	opened, err := note.Open(text, known)
	if err != nil {
		return nil, err
	}
	if witness != nil && len(opened.Sigs) != 2 {
		return nil, fmt.Errorf("%d of 2 known keys have signed it", len(opened.Sigs))
	}
	// tlog.ParseTree takes the checksum database's first line alone.
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return nil, fmt.Errorf("%d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, fmt.Errorf("no root: %q", lines[2])
	}
	return &head{lines[0], tlog.Tree{N: size, Hash: tlog.Hash(root)}}, nil
}

// Reads hash tiles as tlog asks for them, from where tlog-tiles has them.
type tiles struct{ prefix string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.prefix, path))
		if errors.Is(err, os.ErrNotExist) && tile.W < 256 {
			full := tile
			full.W = 256
			bytes, err = os.ReadFile(filepath.Join(t.prefix, strings.Replace(full.Path(), "tile/8/", "tile/", 1)))
			if err == nil {
				bytes = bytes[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		found = append(found, bytes)
	}
	return found, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func readLeaves(prefix string, size int64) ([][]byte, error) {
	var leaves [][]byte
	for index := int64(0); index*256 < size; index++ {
		width := min(256, size-index*256)
		path := tlog.Tile{H: 8, L: 0, N: index, W: int(width)}.Path()
		path = strings.Replace(path, "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(prefix, path))
		if err != nil {
			return nil, err
		}
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("bundle %d is cut off", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			leaves = append(leaves, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	if int64(len(leaves)) != size {
		return nil, fmt.Errorf("%d leaves of %d", len(leaves), size)
	}
	return leaves, nil
}

func checkTree(prefix string, head *head) error {
	leaves, err := readLeaves(prefix, head.tree.N)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for index, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(index), leaf, own)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(head.tree.N, own)
	if err != nil || root != head.tree.Hash {
		return fmt.Errorf("the leaves have the root %v, the checkpoint %v (%v)", root, head.tree.Hash, err)
	}
	published := tlog.TileHashReader(head.tree, tiles{prefix})
	for index, leaf := range leaves {
		if index > 300 && index%97 != 0 && int64(index) != head.tree.N-1 {
			continue
		}
		proof, err := tlog.ProveRecord(head.tree.N, int64(index), published)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, head.tree.N, head.tree.Hash, int64(index), tlog.RecordHash(leaf)); err != nil {
			return err
		}
	}
	return nil
}

// Every checkpoint that the anchor holds was signed, and is an earlier one of a tree that is there now.
func checkHistory(folder string, log note.Verifier, heads map[string]*head) error {
	byOrigin := map[string]string{}
	for name, head := range heads {
		byOrigin[head.origin] = name
	}
	leaves, err := readLeaves(filepath.Join(folder, "anchor"), heads["anchor"].tree.N)
	if err != nil {
		return err
	}
	for index, leaf := range leaves {
		earlier, err := openHead(leaf, log, nil)
		if err != nil {
			return fmt.Errorf("leaf %d: %v", index, err)
		}
		name, isThere := byOrigin[earlier.origin]
		if !isThere {
			return fmt.Errorf("leaf %d is of %s, which is not there", index, earlier.origin)
		}
		now := heads[name].tree
		if earlier.tree.N == now.N {
			if earlier.tree.Hash != now.Hash {
				return fmt.Errorf("leaf %d has another root", index)
			}
			continue
		}
		proof, err := tlog.ProveTree(now.N, earlier.tree.N, tlog.TileHashReader(now, tiles{filepath.Join(folder, name)}))
		if err != nil {
			return fmt.Errorf("leaf %d: %v", index, err)
		}
		if err := tlog.CheckTree(proof, now.N, now.Hash, earlier.tree.N, earlier.tree.Hash); err != nil {
			return fmt.Errorf("leaf %d: %v", index, err)
		}
	}
	return nil
}

// Of damaged files Tessera's fsck (1.0.4) may say nothing and not end either.
func checkFiles(prefix string, log note.Verifier, head *head) error {
	ended := make(chan error, 1)
	go func() {
		files := client.FileFetcher{Root: prefix}
		ended <- fsck.New(head.origin, log, files, leafHashes, fsck.Opts{N: 1}).Check(context.Background())
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(20 * time.Second):
		return errors.New("it did not come to its end")
	}
}

func leafHashes(bundle []byte) ([][]byte, error) {
	entries := &api.EntryBundle{}
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}
