/** Written by `npm run classifier` from the YAML files beside it: change those. */
import type { RuleFile } from "../rules.ts";

export const RULE_FILES: readonly RuleFile[] = [
	{
		file: "common",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"asks-for-help","on":"command","has":{"flags":["help","version","usage"]},"none":{"shape":["dynamic"],"input":["pipe"],"redirected":["yes"]},"is":{"benign":80},"alone":true},
			{"name":"opaque","on":"opaque","is":{"code_execution":40}},
			{"name":"opaque-words","on":"opaque","has":{"language":["document","prose","url","path"]},"is":{"data_read":20},"alone":true},
			{"name":"truncated","on":"truncated","is":{"code_execution":40}},
			{"name":"host","on":"host","is":{"network_access":40}},
			{"name":"metadata-service","on":"host","has":{"class":["metadata"]},"is":{"data_exfiltration":80,"network_access":60}},
		],
	},
	{
		file: "documents",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"documents-deleted","on":"document","has":{"operation":["deletemany","deleteall","removeall","deletebyquery","bulkdelete","deletedocuments","clearcollection","clear","clearcache"],"filter":["none","empty"]},"is":{"destructive_data":90}},
			{"name":"documents-deleted-some","on":"document","has":{"operation":["deletemany","deletebyquery","bulkdelete","deletedocuments"],"filter":["some"]},"is":{"destructive_data":60}},
			{"name":"document-deleted","on":"document","has":{"operation":["deleteone","findoneanddelete","findoneandremove","deletedocument","deleteitem","remove","delete","del","unlink","hdel","zrem","srem"]},"is":{"destructive_data":55}},
			{"name":"store-dropped","on":"document","has":{"operation":["drop","dropdatabase","dropcollection","dropindex","dropindexes","flushall","flushdb","deletetable","deleteindex","deletecollection","deletedatabase","dropuser","swapdb","truncate","script flush","config rewrite","shutdown","wipe","purge","detachdelete"]},"is":{"destructive_data":90}},
			{"name":"store-configured","on":"document","has":{"operation":["config set","slaveof","replicaof","acl setuser","module load","setparameter","fsync","killop","shutdown","debug sleep","resharding"]},"is":{"system_modification":75}},
			{"name":"store-rights","on":"document","has":{"operation":["createuser","grantroles","grantrolestouser","updateuser","createrole","grantprivileges","grantprivilegestorole","acl setuser"]},"is":{"privilege_escalation":80}},
			{"name":"store-code","on":"document","has":{"operation":["eval","evalsha","fcall","mapreduce","runcommand","module load","wherejs"]},"is":{"code_execution":60}},
			{"name":"store-dumped","on":"document","has":{"operation":["export","dump","save","bgsave","mongodump","scanall","exportcollection"]},"is":{"data_exfiltration":55}},
			{"name":"store-read","on":"document","has":{"operation":["find","findone","get","mget","hget","hgetall","lrange","smembers","zrange","scan","keys","count","countdocuments","estimateddocumentcount","aggregate","distinct","exists","ttl","type","info","search","query","stats","listcollections","listindexes","explain","list","read","getitem","ping","dbsize","strlen","llen"]},"is":{"data_read":75}},
			{"name":"store-written","on":"document","has":{"operation":["insert","insertone","insertmany","update","updateone","updatemany","replaceone","upsert","set","setex","mset","hset","lpush","rpush","sadd","zadd","incr","decr","expire","save","createindex","createcollection","index","bulk","bulkwrite","putitem","findoneandupdate","add","create","write","put"]},"is":{"data_write":75}},
		],
	},
	{
		file: "messages",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"message","on":"message","is":{"data_write":60,"network_access":45}},
			{"name":"message-with-secret-file","on":"message","has":{"attachmentclass":["ssh-key","cloud-credential","token-file","browser-secret","password-store","shadow","passwd","registry-hive","history","database-file","backup","certificate"]},"is":{"data_exfiltration":80}},
		],
	},
	{
		file: "paths",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"secret-read","on":"path","has":{"pathclass":["ssh-key","cloud-credential","token-file","browser-secret","password-store","shadow","registry-hive"],"access":["read","send","execute"]},"is":{"data_exfiltration":85,"data_read":60}},
			{"name":"secret-unknown","on":"path","has":{"pathclass":["ssh-key","cloud-credential","token-file","browser-secret","password-store","shadow","registry-hive"],"access":["unknown"]},"is":{"data_exfiltration":55}},
			{"name":"history-read","on":"path","has":{"pathclass":["history"],"access":["read","send"]},"is":{"data_exfiltration":60,"data_read":60}},
			{"name":"key-sent","on":"path","has":{"pathclass":["certificate","passwd","database-file","backup","history","log","home","root","system-config"],"access":["send"]},"is":{"data_exfiltration":75}},
			{"name":"path-read","on":"path","has":{"access":["read"]},"is":{"data_read":60}},
			{"name":"path-written","on":"path","has":{"access":["write"]},"is":{"data_write":60}},
			{"name":"rights-written","on":"path","has":{"pathclass":["sudoers","shadow","passwd","preload","authorized-keys"],"access":["write","delete"]},"is":{"privilege_escalation":90,"system_modification":70}},
			{"name":"key-written","on":"path","has":{"pathclass":["ssh-key","cloud-credential","password-store"],"access":["delete"]},"is":{"destructive_data":75}},
			{"name":"start-written","on":"path","has":{"pathclass":["shell-startup","cron","service-unit","startup-folder"],"access":["write","delete"]},"is":{"system_modification":85}},
			{"name":"system-written","on":"path","has":{"pathclass":["system-binary","kernel"],"access":["write"]},"is":{"system_modification":85}},
			{"name":"configuration-written","on":"path","has":{"pathclass":["system-config","registry-hive"],"access":["write"]},"is":{"system_modification":75}},
			{"name":"device-written","on":"path","has":{"pathclass":["device"],"access":["write","delete"]},"is":{"destructive_data":90}},
			{"name":"traces-deleted","on":"path","has":{"pathclass":["log","history","backup","database-file"],"access":["delete"]},"is":{"destructive_data":75}},
			{"name":"system-deleted","on":"path","has":{"pathclass":["root","home","system-config","system-binary","kernel","web-root","certificate"],"access":["delete"]},"is":{"destructive_data":90,"system_modification":60}},
			{"name":"path-deleted","on":"path","has":{"access":["delete"]},"is":{"destructive_data":55}},
			{"name":"temporary-deleted","on":"path","has":{"access":["delete"],"pathclass":["temp"]},"is":{"data_write":60},"alone":true},
			{"name":"rights-of-system","on":"path","has":{"pathclass":["system-config","system-binary","root","sudoers","shadow","passwd","ssh-key"],"access":["mode"]},"is":{"privilege_escalation":75}},
			{"name":"redirect-write","on":"redirect","has":{"mode":["write","append","both"]},"is":{"data_write":60}},
			{"name":"redirect-rights","on":"redirect","has":{"mode":["write","append","both"],"pathclass":["sudoers","shadow","passwd","preload","authorized-keys"]},"is":{"privilege_escalation":90,"system_modification":70}},
			{"name":"redirect-start","on":"redirect","has":{"mode":["write","append","both"],"pathclass":["shell-startup","cron","service-unit","startup-folder","kernel","system-binary"]},"is":{"system_modification":85}},
			{"name":"redirect-configuration","on":"redirect","has":{"mode":["write","append","both"],"pathclass":["system-config"]},"is":{"system_modification":75}},
			{"name":"redirect-device","on":"redirect","has":{"mode":["write","append","both"],"pathclass":["device"]},"is":{"destructive_data":90}},
			{"name":"redirect-traces","on":"redirect","has":{"mode":["write"],"pathclass":["log","history"]},"is":{"destructive_data":75}},
			{"name":"redirect-secret","on":"redirect","has":{"mode":["read"],"pathclass":["ssh-key","cloud-credential","token-file","browser-secret","password-store","shadow","registry-hive"]},"is":{"data_exfiltration":80}},
			{"name":"redirect-read","on":"redirect","has":{"mode":["read"]},"is":{"data_read":50}},
		],
	},
	{
		file: "requests",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"request","on":"request","is":{"network_access":60}},
			{"name":"request-reads","on":"request","has":{"method":["GET","HEAD","OPTIONS","PROPFIND"]},"is":{"data_read":45}},
			{"name":"request-writes","on":"request","has":{"method":["POST","PUT","PATCH"]},"is":{"data_write":45}},
			{"name":"request-metadata","on":"request","has":{"class":["metadata"]},"is":{"data_exfiltration":85}},
			{"name":"request-deletes","on":"request","has":{"method":["DELETE"],"shape":["pattern","root","collection"]},"is":{"destructive_data":85}},
			{"name":"request-deletes-one","on":"request","has":{"method":["DELETE"],"shape":["one"]},"is":{"destructive_data":55}},
			{"name":"request-deletes-by-path","on":"request","has":{"method":["POST","PUT","PATCH","GET"],"path":["*_delete_by_query*","*/delete_all*","*/deleteall*","*/truncate*","*/purge*","*/wipe*","*/flushall*","*/flush_all*","*/drop*","*/destroy*","*/factory-reset*","*/factory_reset*","*/_close*"]},"is":{"destructive_data":70}},
			{"name":"request-deletes-rows","on":"request","has":{"method":["POST","PUT","PATCH"],"path":["*/delete","*/remove","*/erase"]},"is":{"destructive_data":60}},
			{"name":"request-uploads-file","on":"request","has":{"method":["POST","PUT","PATCH"],"body":["file"],"class":["public"]},"is":{"data_exfiltration":70}},
			{"name":"request-uploads-much","on":"request","has":{"method":["POST","PUT","PATCH"],"body":["large"],"host":["*pastebin.com","*webhook.site","*transfer.sh","*requestbin*","*pipedream.net","*ngrok*","*file.io","*0x0.st","*termbin.com","*paste.ee","*hastebin*","*ix.io","*anonfiles*","*gofile.io","*interact.sh","*oast.*","*oastify.com","*burpcollaborator.net","*dnslog.cn","*canarytokens*","*beeceptor.com","*trycloudflare.com","*serveo.net","*localtunnel.me","*loca.lt","*bashupload.com","*catbox.moe","*mega.nz"]},"is":{"data_exfiltration":75}},
			{"name":"request-to-drop","on":"request","has":{"method":["POST","PUT","PATCH"],"host":["*pastebin.com","*webhook.site","*transfer.sh","*requestbin*","*pipedream.net","*ngrok*","*file.io","*0x0.st","*termbin.com","*paste.ee","*hastebin*","*ix.io","*anonfiles*","*gofile.io","*interact.sh","*oast.*","*oastify.com","*burpcollaborator.net","*dnslog.cn","*canarytokens*","*beeceptor.com","*trycloudflare.com","*serveo.net","*localtunnel.me","*loca.lt","*bashupload.com","*catbox.moe","*mega.nz"]},"is":{"data_exfiltration":55}},
			{"name":"request-secrets","on":"request","has":{"path":["*/.env","*/.env.*","*/.git/config","*/.aws/*","*/etc/passwd*","*/etc/shadow*","*/.ssh/*","*id_rsa*","*/actuator/heapdump*","*/actuator/env*","*/wp-config*","*/v1/secret*","*/v1/secrets*","*/api/v1/*secrets*","*/.htpasswd","*win.ini*","*/computemetadata/*","*/latest/meta-data*","*/latest/user-data*","*/metadata/identity*","*/metadata/instance*","*proc/self/environ*","*/backup.sql*","*/dump.sql*","*/database.sql*","*../../*","*/debug/pprof/heap*","*/.docker/config*","*/.kube/config*","*/.npmrc","*/.netrc","*/server-status*"]},"is":{"data_exfiltration":75}},
			{"name":"request-code","on":"request","has":{"path":["*/containers/create*","*/exec","*/exec?*","*/exec/*","*/exec/*/start*","*/script","*/scripttext*","*/run/*/*/*","*cmd=*","*/cgi-bin/*sh*","*/eval*","*/_scripts/*","*/actuator/gateway/routes*","*/invocations*","*exec=*","*command=*","*shell.php*","*shell.jsp*","*/shell","*/console/execute*","*/jmx*exec*","*phpinfo*","*allow_url_include*","*invokefunction*"],"method":["POST","PUT","PATCH","GET"]},"none":{"path":["*/scripts?*"]},"is":{"code_execution":70}},
			{"name":"request-stops","on":"request","has":{"method":["POST","PUT","PATCH"],"path":["*/shutdown*","*/restart*","*/reboot*","*/stop","*/kill*","*/disable*","*/poweroff*","*/halt*","*/actuator/shutdown*","*/_cluster/settings*","*/firewall*","*/quit","*/suspend*"]},"is":{"system_modification":70}},
			{"name":"request-rights","on":"request","has":{"method":["POST","PUT","PATCH"],"path":["*/rolebindings*","*/clusterrolebindings*","*/roles/*/members*","*/admins*","*/sudo*","*/setiampolicy*","*:setiampolicy*","*/grant*","*/permissions*","*/make_admin*","*/promote*","*/impersonate*"]},"is":{"privilege_escalation":65}},
		],
	},
	{
		file: "secrets",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"private-key-sent","on":"secret","has":{"class":["private-key","cloud-key","token","password-hash","password-file"],"sent":["yes"]},"is":{"data_exfiltration":80}},
			{"name":"password-sent","on":"secret","has":{"class":["password"],"sent":["yes"]},"is":{"data_exfiltration":45}},
		],
	},
	{
		file: "tools",
		programs: {
		},
		subcommands: {
		},
		verbs: {
		},
		rules: [
			{"name":"store-removed","on":"tool","has":{"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","terminate","empty","revert","format","obliterate"],"object":["table","database","db","schema","bucket","collection","index","indices","volume","disk","partition","snapshot","backup","namespace","cluster","repository","repo","branch","queue","topic","cache","history","log","logs","audit","user","account","tenant","project","vm","instance","stack","resource","resources","environment","filesystem","drive","dataset","datastore","container","keyspace","shard","records","rows","files","folder","directory","all","everything","vault","secret","key","mailbox","inbox","workspace","organization","registry","image","stage","data","record","deployment","pvc","pod","node","server","machine","storage","object","objects","blob","site"]},"is":{"destructive_data":85}},
			{"name":"everything-removed","on":"tool","has":{"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","terminate","empty","revert","format","obliterate"],"values":["recursive=true","cascade=true","force=true","all=true","permanent=true","permanently=true","skiptrash=true","hard=true","purge=true","harddelete=true"]},"is":{"destructive_data":85}},
			{"name":"small-thing-removed","on":"tool","has":{"verb":["delete","remove","clear","del","cancel"],"object":["reminder","alarm","event","meeting","calendar","cart","item","participant","playlist","song","comment","bookmark","favorite","wishlist","draft","label","tag","reaction","like","appointment","booking","reservation","todo","subscription","notification","filter","contact","tweet","note","timer","watchlist","stock"]},"none":{"object":["all","everything","history","table","database","bucket","account","user","file","files","folder","backup"]},"is":{"data_write":65,"destructive_data":40},"alone":true},
			{"name":"history-rewritten","on":"tool","has":{"verb":["push","git"],"values":["force=true","*--force*"]},"is":{"destructive_data":80}},
			{"name":"rights-granted","on":"tool","has":{"verb":["grant","assign","add","attach","set","update","create","put","bind","promote","modify","change","elevate","assume","give","invite","edit","patch","insert","make"],"value":["admin","root","superuser","administrator","owner","sudo","wheel","sysadmin","dbowner","db_owner","cluster-admin","*administratoraccess*","superadmin","domain admins","administrators","roles/owner","*fullaccess*","god","roles/editor","poweruser","system:masters","docker","enterprise admins","*:admin","*_admin","global administrator","securityadmin","useraccessadministrator","*role/owner*","org-admin","super_admin"]},"none":{"verb":["get","list","describe","show","search","find","read","message","email"]},"is":{"privilege_escalation":80,"system_modification":55}},
			{"name":"rights-words","on":"tool","has":{"verb":["grant","promote","elevate","escalate","impersonate","sudo","assume"],"object":["role","privilege","permission","access","admin","superuser","root","user","group","rights","policy"]},"is":{"privilege_escalation":75}},
			{"name":"administrator-made","on":"tool","has":{"verb":["create","add","make","new","register","invite","set","enable","promote","update"],"object":["admin","superuser","administrator","root","sudoer","issuperuser","isadmin"]},"none":{"verb":["get","list","show","describe"]},"is":{"privilege_escalation":80,"system_modification":55}},
			{"name":"admin-flag","on":"tool","has":{"values":["issuperuser=true","isadmin=true","admin=true","superuser=true","isstaff=true","privileged=true","root=true","sudo=true","allowprivilegeescalation=true","hostpid=true","hostnetwork=true","user=root","runas=root","elevated=true","runasadmin=true","*verb=runas"]},"none":{"verb":["get","list","show","describe","search","find"]},"is":{"privilege_escalation":75}},
			{"name":"mode-for-all","on":"tool","has":{"verb":["chmod","set","permissions","permission","mode"],"values":["mode=777","mode=0777","mode=0o777","mode=666","mode=a+rwx","mode=u+s","mode=4755","mode=04755","mode=2755","mode=6755","mode=+s","permissions=777","permissions=0777","permissions=4755","mode=o+w","mode=a+w"]},"is":{"privilege_escalation":80}},
			{"name":"made-public","on":"tool","has":{"verb":["set","update","put","make","share","grant","add","modify","change","create","edit"],"values":["acl=public-read","acl=public-read-write","visibility=public","public=true","principal=*","*=allusers","*=allauthenticatedusers","cidr=0.0.0.0/0","*=anyone","access=public","publiclyaccessible=true"]},"is":{"privilege_escalation":60,"data_exfiltration":55}},
			{"name":"firewall-opened","on":"tool","has":{"object":["firewall","securitygroup","ingress","iptables","ufw","selinux","apparmor","antivirus","defender","edr","mfa","2fa","tls","ssl","verification","guardrail","monitoring","alerting","audit","auditing","logging","cloudtrail","waf"],"verb":["disable","stop","open","allow","off","authorize","modify","delete","remove","bypass","turn","suspend","set","add","create","update","flush"]},"is":{"system_modification":75}},
			{"name":"service-controlled","on":"tool","has":{"object":["service","systemd","systemctl","daemon","unit","process","server","host","vm","instance","node","container","kernel","driver","module","machine","pod","deployment","computer","system","cluster"],"verb":["stop","start","restart","disable","enable","kill","reboot","shutdown","mask","terminate","reload","halt","poweroff","suspend","drain","cordon","load","unload","install","uninstall","scale"]},"none":{"object":["engine","music","ride","game","timer","meeting","session"]},"is":{"system_modification":75}},
			{"name":"system-stops","on":"tool","has":{"verb":["shutdown","reboot","poweroff","halt"]},"is":{"system_modification":75}},
			{"name":"schedule-made","on":"tool","has":{"verb":["create","add","set","register","install","schedule","update","enable"],"object":["cron","crontab","cronjob","daemon","startup","autostart","autorun","launchagent","systemd","registry","sysctl","kernel","driver","dns","hosts","route","ssh","sshd"]},"is":{"system_modification":70}},
			{"name":"account-made","on":"tool","has":{"words":["create","add","delete","disable","reset","lock"],"object":["iam","ldap","useradd","loginuser","osuser","systemuser"]},"is":{"privilege_escalation":60,"system_modification":60}},
			{"name":"in-group-of-administrators","on":"tool","has":{"object":["group","role"],"value":["admin","root","superuser","administrator","owner","sudo","wheel","sysadmin","dbowner","db_owner","cluster-admin","*administratoraccess*","superadmin","domain admins","administrators","roles/owner","*fullaccess*","god","roles/editor","poweruser","system:masters","docker","enterprise admins","*:admin","*_admin","global administrator","securityadmin","useraccessadministrator","*role/owner*","org-admin","super_admin"]},"none":{"verb":["get","list","describe","show","remove"]},"is":{"privilege_escalation":80}},
			{"name":"secret-fetched","on":"tool","has":{"verb":["get","read","show","list","describe","fetch","retrieve","export","dump","download","view","decrypt","reveal","access","search","print"],"object":["secret","secrets","credential","credentials","password","passwords","privatekey","apikey","token","tokens","keychain","vault","environ","env","accesskey","hash","cookie","cookies"]},"none":{"object":["policy","count","usage","limit","balance","nft","staking","price"]},"is":{"data_exfiltration":70,"data_read":60}},
			{"name":"data-exported","on":"tool","has":{"verb":["export","dump","backup","copy","sync","replicate","upload","unload","extract","transfer","send","share"],"values":["destination=s3://*","destination=http*","destination=gs://*","destination=ftp*","destination=sftp*","destination=azure*","target=s3://*","target=http*","to=s3://*","to=http*","url=http*","dest=s3://*","dest=http*","output=s3://*","output=http*","destination=\\\\*","destination=*@*","remote=*","bucket=*public*","destinationurl=http*","uploadurl=http*","destination=scp*","to=gs://*","location=s3://*"]},"is":{"data_exfiltration":75}},
			{"name":"database-dumped","on":"tool","has":{"verb":["dump","export","exfiltrate"],"object":["database","db","table","users","customers","credentials","all","everything","schema","hashes","lsass","memory","sam"]},"is":{"data_exfiltration":65}},
			{"name":"file-uploaded","on":"tool","has":{"words":["upload","exfiltrate","exfil"],"values":["destination=http*","url=http*","to=http*","endpoint=http*","host=*","server=*"]},"is":{"data_exfiltration":65}},
			{"name":"code-evaluated","on":"tool","has":{"words":["eval","exec"],"arg":["code","expression","script","payload"]},"is":{"code_execution":45},"adds":true},
			{"name":"code-loaded","on":"tool","has":{"verb":["deserialize","unpickle","unmarshal","load"],"object":["pickle","plugin","extension","dll","module","gadget","marshal","joblib","assembly"]},"is":{"code_execution":65}},
			{"name":"message-read","on":"tool","has":{"verb":["get","list","search","read","fetch","find","view","show"]},"is":{"data_read":62},"adds":true},
			{"name":"money-moved","on":"tool","has":{"verb":["send","transfer","wire","pay","withdraw"],"object":["money","fund","funds","payment","wire","crypto","token","eth","btc"]},"is":{"data_write":70},"adds":true},
		],
	},
	{
		file: "verbs",
		programs: {
		},
		subcommands: {
		},
		verbs: {
			"destructive_data 60": ["delete","destroy","purge","wipe","truncate","erase","shred","drop","obliterate","nuke","expunge","prune","deletes","format","unlink","rmtree","teardown","deprovision","decommission","flush","vacuum"],
			"destructive_data 45": ["remove","clear","del","rm","discard","rmdir","reset","rollback","overwrite","archive","expire","uninstall","detach","deregister"],
			"data_exfiltration 45": ["exfiltrate","dump","leak"],
			"privilege_escalation 60": ["sudo","impersonate","escalate","elevate","promote","su"],
			"privilege_escalation 45": ["grant","assume","authorize","chmod","chown"],
			"system_modification 60": ["shutdown","reboot","restart","halt","poweroff","kill","terminate","suspend","hibernate"],
			"system_modification 45": ["stop","disable","install","uninstall","enable","configure","mount","unmount","provision","migrate","patch","upgrade","scale","deploy","reconfigure","reload"],
			"code_execution 45": ["eval","exec","execute","invoke"],
			"network_access 60": ["navigate","browse","crawl","scrape","connect","ping","curl","wget","download","fetch","proxy","webhook","clone","pull","push","subscribe","dial","traceroute","resolve"],
			"data_write 60": ["write","create","add","insert","update","set","put","post","send","save","edit","append","upload","modify","change","move","mv","copy","cp","rename","touch","mkdir","book","reserve","schedule","order","pay","buy","purchase","sell","transfer","submit","register","comment","reply","like","star","follow","unfollow","log","record","store","assign","invite","share","publish","upsert","replace","merge","commit","tag","label","mark","cancel","approve","reject","close","reopen","resolve","open","play","pause","turn","adjust","apply","place","request","draft","compose","generate","make","build","import","sync","sign","subscribe","unsubscribe","vote","rate","review","bookmark","attach","upvote","retweet","tweet","message","notify","remind","echo","fill","press","lock","unlock","start","activate","authenticate","login","logout","enroll","donate","deposit","withdraw","stake","mint","swap","bid","contact","forward","respond","accept","decline","mention","estimate_fee","display","block","mute","refuel","fillfueltank"],
			"data_read 60": ["get","read","list","show","find","search","query","lookup","view","describe","check","fetch_info","retrieve","select","count","status","info","details","detail","inspect","browse_history","ls","cat","head","tail","grep","stat","print","load","preview","explore","recommend","recommendation","recommendations","suggest","trace","monitor","watch","verify","track","history","detect","diff","review_list","scan","peek","access","fetch_data","identify","whoami","help","extract","recall","forecast","weather","price","latest","current","news","brief","prediction","predict","analyze","analyse","analysis","analytics","report","summary","available","availability","discover","poll","profile","export"],
			"benign 60": ["calculate","calc","compute","convert","conversion","math","sort","mean","average","sum","median","mode","variance","deviation","logarithm","sqrt","square","power","multiply","divide","subtract","factorial","fibonacci","prime","area","perimeter","volume","circumference","triangle","rectangle","circle","quadratic","derivative","integral","integrate","solve","round","percentage","gcd","lcm","hcf","matrix","vector","random","roll","roots","probability","statistics","statistic","interest","bmi","distance","velocity","acceleration","force","energy","density","entropy","angle","regression","estimate","calculator","simulate","simulation","translate","parse","encode","decode","hash","format_date","now","today","think","plan","reason","finish","final","answer","done","noop","sleep","wait","validate","compare","evaluate_math","tokenize","summarize","transform","correlation","molecule","mutate","displacement","geometry","kinematics","physics","algebra","std","min","max","absolute","value","formatter","future","clock","unit"],
		},
		rules: [
		],
	},
];
