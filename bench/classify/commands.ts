/** Commands as agents type them while they work on software; written for this measurement. */
export const COMMANDS: readonly string[] = `
ls -la
cd src && npm test
git status
git diff --stat HEAD~1
git add -A && git commit -m "Fix the parser of dates"
git log --oneline -20
cat package.json
grep -rn "TODO" src --include=*.ts
find . -name '*.py' -not -path './node_modules/*'
npm run build 2>&1 | tail -20
python -m pytest tests/unit -x -q
docker compose up -d
docker ps -a
kubectl get pods -n staging
curl -s https://api.example.com/v1/health | jq .status
mkdir -p build/out && cp -r assets build/out/
rm -rf build/cache
sed -i 's/foo/bar/g' src/config.ts
tail -n 100 /var/log/app.log
ps aux | grep node
head -50 README.md
wc -l src/*.ts
which python3
pip install -r requirements.txt
cargo test --workspace
make -j4
echo "done" > out.txt
export NODE_ENV=test; node scripts/seed.js
tar czf backup.tgz data/
chmod +x scripts/run.sh
df -h
du -sh * | sort -h
psql -c "select count(*) from orders"
ssh deploy@example.org 'systemctl restart app'
go test ./...
for f in *.log; do gzip "$f"; done
git push origin main
awk '{print $2}' access.log | sort | uniq -c | sort -rn | head
touch src/new.ts
sudo apt-get install -y jq
`
	.trim()
	.split("\n");

const WITH_NAMES: readonly string[] = `
ls -la services/@
cd packages/@ && npm test
git status --short packages/@
git diff --stat HEAD~1 -- src/@.ts
git add -A && git commit -m "Fix the parser of @"
git log --oneline -20 feature/@
cat config/@.json
grep -rn "@" src --include=*.ts
find . -name '@*.py' -not -path './node_modules/*'
npm run build:@ 2>&1 | tail -20
python -m pytest tests/unit/test_@.py -x -q
docker compose up -d @
docker logs @
kubectl get pods -n @
curl -s https://api.example.com/v1/@ | jq .status
mkdir -p build/@ && cp -r assets build/@/
rm -rf build/cache/@
sed -i 's/foo/@/g' src/config.ts
tail -n 100 /var/log/@.log
ps aux | grep @
head -50 docs/@.md
wc -l src/@/*.ts
which @
pip install -r requirements/@.txt
cargo test --package @
make -j4 @
echo "@" > out.txt
export NODE_ENV=test; node scripts/@.js
tar czf @.tgz data/
chmod +x scripts/@.sh
df -h /mnt/@
du -sh @/* | sort -h
psql -c "select count(*) from @"
ssh deploy@@.example.org 'systemctl restart app'
go test ./@/...
for f in @/*.log; do gzip "$f"; done
git push origin @
awk '{print $2}' @.log | sort | uniq -c | sort -rn | head
touch src/@.ts
sudo apt-get install -y @
`
	.trim()
	.split("\n");

/** As many as are asked for, of the same kinds, each with a name in it that none before has. */
export const newCommands = (count: number): readonly string[] =>
	Array.from({ length: count }, (_, index) => {
		const name = `m${index.toString(36)}`;
		return (WITH_NAMES[index % WITH_NAMES.length] as string).replace(/@(?!@)/g, name);
	});
