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
