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
			{"name":"store-removed","on":"tool","has":{"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"],"object":["table","database","db","schema","bucket","collection","index","indices","volume","disk","partition","snapshot","backup","namespace","cluster","repository","repo","branch","queue","topic","cache","history","log","audit","user","account","tenant","project","vm","instance","stack","resource","environment","filesystem","drive","dataset","datastore","container","keyspace","shard","row","rows","file","folder","directory","dir","tree","all","everything","vault","secret","mailbox","inbox","workspace","organization","registry","image","data","deployment","pvc","pod","statefulset","machine","storage","object","blob","site","release","trash","device","domain","zone","certificate","db_instance","cmk","password","credential","document","documents","page","wiki","photo","photos","video","email","emails","message","messages","customer","order","record","records","entry","channel","group","team","function","app","application","service","server","pipeline","policy","model","key","keys","batch","bulk","tag_all","zeros","dashboard","subnet","vpc","network","node","pool","warehouse","catalog","views","view","lake","archive","memory","memories","knowledge","entity","entities","relation","relations","contacts","invoice","payments"]},"is":{"destructive_data":85}},
			{"name":"action-removes","on":"tool","has":{"action":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"],"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"]},"is":{"destructive_data":80}},
			{"name":"everything-removed","on":"tool","has":{"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"],"values":["recursive=true","cascade=true","force=true","all=true","permanent=true","permanently=true","skiptrash=true","hard=true","purge=true","harddelete=true","skipfinalsnapshot=true","wipe=true"]},"is":{"destructive_data":85}},
			{"name":"small-thing-removed","on":"tool","has":{"verb":["delete","remove","clear","del","cancel","unlink","rm","drop","detach"],"object":["reminder","alarm","event","meeting","calendar","cart","item","participant","playlist","song","comment","bookmark","favorite","wishlist","draft","label","tag","reaction","like","appointment","booking","reservation","todo","subscription","notification","filter","contact","tweet","note","timer","watchlist","stock","basket","order","ticket","task","attendee","member","vote","follower","friend","card","movie","track","seat","passenger","recipe","ingredient","habit","flight"]},"none":{"object":["all","everything","history","table","database","bucket","account","user","users","file","files","folder","backup","log","logs","batch","bulk","project","repository","queue","topic","index","calendars","recursive","namespace","partition"]},"is":{"data_write":65,"destructive_data":40},"alone":true},
			{"name":"removal-undone","on":"tool","has":{"words":["undelete","restore","recover","untrash","dryrun"],"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"]},"is":{"data_write":60},"alone":true},
			{"name":"dry-run","on":"tool","has":{"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"],"values":["dryrun=true","dryrun=client","dryrun=server","dryrun=all","preview=true","whatif=true","simulate=true"]},"is":{"data_read":60},"alone":true},
			{"name":"disk-formatted","on":"tool","has":{"verb":["format","wipe","erase","initialize","partition","mkfs"],"object":["volume","disk","drive","partition","filesystem","device","usb"]},"is":{"destructive_data":90}},
			{"name":"machines-ended","on":"tool","has":{"verb":["terminate","destroy"],"object":["instance","instances","vm","ec2","cluster","environment","stack","server","database"]},"is":{"destructive_data":80,"system_modification":60}},
			{"name":"factory-reset","on":"tool","has":{"words":["factory"],"verb":["reset","wipe","restore"]},"is":{"destructive_data":80}},
			{"name":"destroyed-by-name","on":"tool","has":{"words":["destroy","shred","wipe","nuke","obliterate","rmtree","deleteall","dropdb","mkfs","zeroize"],"verb":["delete","drop","destroy","purge","wipe","truncate","erase","remove","clear","flush","nuke","shred","unlink","rm","del","reset","clean","empty","revert","obliterate","prune","rmdir","rmtree","teardown","uninstall","deprovision","expunge","overwrite","discard","deletes","decommission","vacuum","archive","detach","deregister","terminate"]},"is":{"destructive_data":80}},
			{"name":"history-rewritten","on":"tool","has":{"verb":["push","git","rebase"],"values":["force=true","forcewithlease=true","mirror=true","flags=--force","args=--force","options=--force","flags=-f"]},"is":{"destructive_data":80}},
			{"name":"git-reset","on":"tool","has":{"words":["git"],"verb":["reset","clean","checkout"],"values":["mode=hard","hard=true","force=true"]},"is":{"destructive_data":75}},
			{"name":"encrypted-for-ransom","on":"tool","has":{"verb":["encrypt"],"object":["files","disk","drive","folder","directory","filesystem","all"]},"is":{"destructive_data":70}},
			{"name":"rights-granted","on":"tool","has":{"verb":["grant","assign","add","attach","set","update","create","put","bind","promote","modify","change","elevate","assume","give","invite","edit","patch","insert","make","usermod","upsert","enable","register","allow","escalate","authorize","move","configure","apply","run","launch","start"],"value":["admin","root","superuser","administrator","owner","sudo","sudoers","wheel","sysadmin","dbowner","db_owner","cluster-admin","*administratoraccess*","superadmin","domain admins","administrators","roles/owner","*fullaccess*","roles/editor","poweruser","system:masters","docker","lxd","shadow","enterprise admins","schema admins","*:admin","*_admin","*-admin","global administrator","globaladministrator","securityadmin","useraccessadministrator","user access administrator","*role/owner*","org-admin","super_admin","admin:*","dba","backup operators","remote desktop users","rdsadmin","rds_superuser","all privileges","all","*:*","iam:*","accountadmin","securityadministrator","maintainer","role/admin*","*:role/admin*","roles/*admin"],"arg":["role","roles","group","groups","policy","policyarn","permission","permissions","privilege","privileges","rolename","access","accesslevel","scope","usertype","accounttype","type","level","rights","grant","grants","membership","addgroups","action","user","runas","roleid","policies","grouprole","rolearn"]},"none":{"verb":["run","launch","start","configure","apply"]},"is":{"privilege_escalation":80,"system_modification":45}},
			{"name":"rights-words","on":"tool","has":{"verb":["grant","promote","elevate","escalate","impersonate","sudo","assume","su","usermod","setuid"],"object":["role","privilege","permission","access","admin","superuser","root","user","group","rights","policy","exec","command","account","owner","service","sudo","usermod"]},"is":{"privilege_escalation":75}},
			{"name":"administrator-made","on":"tool","has":{"verb":["create","add","make","new","register","invite","set","enable","promote","update","attach","insert"],"object":["admin","superuser","administrator","root","sudoer","sudoers","owner","superadmin"]},"none":{"object":["panel","page","note","email","comment","ticket","dashboard","message","report"]},"is":{"privilege_escalation":80,"system_modification":45}},
			{"name":"admin-flag","on":"tool","has":{"verb":["grant","assign","add","attach","set","update","create","put","bind","promote","modify","change","elevate","assume","give","invite","edit","patch","insert","make","usermod","upsert","enable","register","allow","escalate","authorize","move","configure","apply","run","launch","start"],"values":["issuperuser=true","isadmin=true","admin=true","superuser=true","isstaff=true","privileged=true","sudo=true","allowprivilegeescalation=true","hostpid=true","hostnetwork=true","user=root","runas=root","elevated=true","runasadmin=true","verb=runas","runasuser=0","becomeuser=root","become=true","bypassrls=true","superadmin=true","capadd=sys_admin","capadd=all","pid=host","network=host","isowner=true","admin=1","passwordless=true","nopasswd=true"]},"is":{"privilege_escalation":75}},
			{"name":"rights-bound","on":"tool","has":{"verb":["create","add","attach","put","set","update","bind","apply","patch"],"object":["rolebinding","clusterrolebinding","iam","sudoers","acl","policybinding","binding"],"value":["admin","root","superuser","administrator","owner","sudo","sudoers","wheel","sysadmin","dbowner","db_owner","cluster-admin","*administratoraccess*","superadmin","domain admins","administrators","roles/owner","*fullaccess*","roles/editor","poweruser","system:masters","docker","lxd","shadow","enterprise admins","schema admins","*:admin","*_admin","*-admin","global administrator","globaladministrator","securityadmin","useraccessadministrator","user access administrator","*role/owner*","org-admin","super_admin","admin:*","dba","backup operators","remote desktop users","rdsadmin","rds_superuser","all privileges","all","*:*","iam:*","accountadmin","securityadministrator","maintainer","role/admin*","*:role/admin*","roles/*admin"]},"is":{"privilege_escalation":80}},
			{"name":"role-binding","on":"tool","has":{"verb":["create","add","bind","apply"],"words":["clusterrolebinding","rolebinding","setfacl","sudoers","trustpolicy"]},"is":{"privilege_escalation":70}},
			{"name":"key-made","on":"tool","has":{"verb":["create","add","generate","issue","mint","register"],"object":["accesskey","accesskeys","loginprofile","sshkey","authorizedkey","serviceaccountkey"]},"is":{"privilege_escalation":65}},
			{"name":"mode-for-all","on":"tool","has":{"values":["mode=777","mode=0777","mode=0o777","mode=666","mode=0666","mode=a+rwx","mode=u+s","mode=ug+s","mode=g+s","mode=4755","mode=04755","mode=4777","mode=2755","mode=6755","mode=+s","permissions=777","permissions=0777","permissions=4755","permissions=rwxrwxrwx","permission=777","perm=777","perms=777","mode=o+w","mode=a+w","mode=rwxrwxrwx","mode=511","mode=ugo+rwx","mode=1777"],"words":["chmod","permissions","permission","mode","acl","fchmod","perms","attributes","attr","access"]},"is":{"privilege_escalation":80}},
			{"name":"owner-changed","on":"tool","has":{"words":["chown","takeown","takeownership"],"values":["owner=root","user=root","owner=*","recursive=true"]},"is":{"privilege_escalation":60}},
			{"name":"made-public","on":"tool","has":{"verb":["set","update","put","make","share","grant","add","modify","change","create","edit","enable","publish","open","upload"],"values":["acl=public-read","acl=public-read-write","cannedacl=public-read","visibility=public","public=true","principal=*","member=allusers","members=allusers","members=allauthenticatedusers","member=allauthenticatedusers","grantee=allusers","entity=allusers","share=anyone","sharewith=anyone","type=anyone","role=anyone","access=anyone","publiclyaccessible=true","publicread=true","ispublic=true","blockpublicaccess=false","blockpublicacls=false"]},"is":{"privilege_escalation":60,"data_exfiltration":55}},
			{"name":"network-opened","on":"tool","has":{"values":["cidr=0.0.0.0/0","source=0.0.0.0/0","cidrip=0.0.0.0/0","sourcerange=0.0.0.0/0","sourceranges=0.0.0.0/0","cidr=::/0","from=0.0.0.0/0","sourceip=0.0.0.0/0","cidrblocks=0.0.0.0/0","ipranges=0.0.0.0/0"],"verb":["set","add","authorize","create","update","modify","put","open","allow","insert","patch"]},"is":{"system_modification":80,"privilege_escalation":45}},
			{"name":"defence-changed","on":"tool","has":{"object":["firewall","securitygroup","ingress","egress","iptables","nftables","ufw","selinux","apparmor","antivirus","defender","edr","mfa","2fa","totp","tls","ssl","guardrail","guardrails","monitoring","alerting","audit","auditing","logging","cloudtrail","guardduty","waf","sandbox","ids","ips","siem","falco","amsi","uac","hids","quarantine","protection","alarm_rule","safeguard","encryption","verification","integrity","secureboot","gatekeeper","sip","sensor"],"verb":["disable","stop","open","allow","authorize","modify","delete","remove","bypass","turn","suspend","uninstall","flush","kill","pause","unload","mask","detach","change"]},"is":{"system_modification":80}},
			{"name":"firewall-changed","on":"tool","has":{"object":["firewall","securitygroup","iptables","nftables","ufw","selinux","ingress","egress"],"verb":["set","add","create","update","enable","put","insert","edit","apply","reload","replace","install"]},"is":{"system_modification":75}},
			{"name":"security-group","on":"tool","has":{"words":["security"],"object":["group"],"verb":["set","add","create","update","authorize","modify","delete","revoke","put"]},"is":{"system_modification":75}},
			{"name":"service-controlled","on":"tool","has":{"object":["service","services","systemd","systemctl","daemon","unit","process","processes","proc","host","server","vm","instance","instances","node","container","kernel","driver","module","machine","pod","deployment","computer","system","cluster","database","pid","job","tasks","daemonset","statefulset","scheduler","agent","launchd","initd","apache","nginx","postgresql","mysql","docker","network","interface","adapter","wifi","vpn","windows","hypervisor","power","device","router","switch"],"verb":["stop","start","restart","disable","enable","kill","reboot","shutdown","mask","terminate","reload","halt","poweroff","suspend","drain","cordon","load","unload","install","uninstall","scale","upgrade","patch","hibernate","reconfigure","poweron","evict","isolate"]},"none":{"object":["engine","music","ride","game","timer","meeting","session","conversation","thread","campaign","chat","recording","playback","subscription","workout","trip","video","song","audio","call","quiz","survey","trial","auction","car","vehicle"]},"is":{"system_modification":75}},
			{"name":"action-controls","on":"tool","has":{"action":["stop","restart","disable","kill","reboot","shutdown","mask","terminate","halt","poweroff","drain","stopped","disabled","off"],"arg":["service","unit","daemon","process","pid","host","vm","instance","node","server","container","instanceid","machine","servicename","vmname","processname","name"]},"none":{"object":["music","playback","song","media","player","video","light","lamp","tv","thermostat","game","timer","alarm","fan","speaker"]},"is":{"system_modification":75}},
			{"name":"system-stops","on":"tool","has":{"verb":["shutdown","reboot","poweroff","halt","hibernate"]},"is":{"system_modification":75}},
			{"name":"process-killed","on":"tool","has":{"verb":["kill","terminate"],"arg":["pid","pids","process","processname","signal","name"]},"is":{"system_modification":75}},
			{"name":"schedule-made","on":"tool","has":{"verb":["create","add","set","register","install","schedule","update","enable","edit","put","write"],"object":["cron","crontab","cronjob","daemon","startup","autostart","autorun","launchagent","launchdaemon","systemd","registry","regkey","sysctl","kernel","driver","dns","hosts","route","routes","sshd","grub","bootloader","boot","bios","firmware","proxy","ntp","hostname","timezone_system","gpo","grouppolicy","environment_variable","logon","loginitem","wmi","hook","preload","resolver","nameserver","scheduledtask"]},"none":{"object":["page","bus","flight","train","travel","trip","taxi"]},"is":{"system_modification":70}},
			{"name":"task-scheduled","on":"tool","has":{"words":["scheduled","schedule","cron","scheduler"],"arg":["command","cmd","script","action","program","exec","executable","run"]},"none":{"verb":["get","list","show","describe"]},"is":{"system_modification":75,"code_execution":45}},
			{"name":"accounts-changed","on":"tool","has":{"verb":["create","add","delete","disable","reset","lock","update","set","change","enable","unlock","register"],"object":["iam","ldap","useradd","adduser","loginuser","osuser","systemuser","localuser","aduser","kerberos","idp","sso","saml","oauthclient","domainuser"]},"is":{"privilege_escalation":60,"system_modification":60}},
			{"name":"packages-installed","on":"tool","has":{"verb":["install","uninstall","upgrade"],"object":["package","packages","software","apt","yum","dnf","brew","msi","app","application","extension","plugin","driver","kernel","agent","certificate","ca","rootca","profile","update","updates"]},"is":{"system_modification":65}},
			{"name":"secret-fetched","on":"tool","has":{"verb":["get","read","show","list","describe","fetch","retrieve","export","dump","download","view","decrypt","reveal","access","search","print","extract","find","select","cat","copy","recall","query","steal","leak","harvest"],"object":["secret","secrets","credential","credentials","password","passwords","privatekey","apikey","keychain","vault","environ","accesskey","cookies","passwd","shadow","sshkey","keystore","lsass","ntds","sam","hashes","kerberoast","tgt","wallet_seed","seedphrase","mnemonic","keytab","secretsmanager","keyvault","env","envvars","cred","creds","connectionstring"]},"none":{"object":["count","usage","limit","balance","nft","staking","price","rotation","expiry","hint","strength","generator","tip"]},"is":{"data_exfiltration":70,"data_read":60}},
			{"name":"password-policy","on":"tool","has":{"object":["password","credential","secret"],"words":["policy","policies","strength","requirements","rules","reset","template","metadata","docs","help","status","expiry"]},"none":{"verb":["set","update","change","delete","reset","disable"]},"is":{"data_read":65},"alone":true},
			{"name":"secret-decrypted","on":"tool","has":{"verb":["get","read","show","list","describe","fetch","retrieve","view","export"],"values":["withdecryption=true","decrypt=true","reveal=true","decode=true","plaintext=true","showsecrets=true","includesecrets=true","includevalues=true","unmask=true","raw=true","showpassword=true","includepassword=true","withsecrets=true"]},"none":{"values":["format=*"]},"is":{"data_exfiltration":70}},
			{"name":"private-key-fetched","on":"tool","has":{"verb":["get","read","show","fetch","export","download","retrieve","dump","extract","list"],"words":["private","api","access","signing","ssh","master","encryption","service","recovery"],"object":["key","keys","keypair","seed"]},"none":{"words":["public","count","usage","metadata"]},"is":{"data_exfiltration":65}},
			{"name":"data-exported","on":"tool","has":{"verb":["export","dump","backup","copy","cp","sync","replicate","upload","unload","extract","transfer","send","share","move","mirror","archive","put","push","publish","exfiltrate","snapshot","stream","forward","migrate","post","write","save","download"],"values":["destination=s3:*","destination=http*","destination=gs:*","destination=ftp*","destination=sftp*","destination=azure*","destination=abfs*","destination=wasb*","destination=scp*","destination=rsync*","destination=smb*","destination=\\\\*","destination=*@*","target=s3:*","target=http*","target=gs:*","target=ftp*","target=*@*:*","to=s3:*","to=http*","to=gs:*","to=ftp*","to=sftp*","url=http*","url=ftp*","dest=s3:*","dest=http*","dest=gs:*","dest=ftp*","dst=s3:*","dst=http*","output=s3:*","output=http*","destinationurl=*","uploadurl=http*","location=s3:*","location=gs:*","remote=http*","remote=s3:*","remote=*:*","outputuri=*","desturi=*","destinationuri=*","s3uri=*","sink=*:*","outputlocation=*","exporturl=*","webhook=http*","webhookurl=http*","endpoint=http*","callback=http*","server=*.*.*","host=*.*.*","remotehost=*","destinationhost=*","destinationbucket=*","targetbucket=*","destbucket=*","destinationaccount=*","targetaccount=*","sharewith=*@*","recipientaccount=*"]},"none":{"words":["http","request","requests","rest","api","webhook","message","notification","slack","json"]},"is":{"data_exfiltration":70}},
			{"name":"database-dumped","on":"tool","has":{"verb":["dump","export","exfiltrate","extract","leak","steal","harvest","unload","scrape"],"object":["database","db","table","tables","user","users","customer","customers","credential","credentials","all","everything","schema","hash","hashes","lsass","memory","sam","emails","contacts","pii","records","mailbox","conversations","employees","payroll","patients"]},"is":{"data_exfiltration":65}},
			{"name":"file-uploaded","on":"tool","has":{"words":["upload","exfiltrate","exfil","pastebin","gist","transfersh","dropbox","mega"],"verb":["upload","exfiltrate","create","send","post","put","share"],"values":["destination=http*","url=http*","to=http*","endpoint=http*","server=*.*","public=true","visibility=public","sharewith=anyone"]},"is":{"data_exfiltration":65}},
			{"name":"forwarding-set","on":"tool","has":{"words":["forward","forwarding","autoforward","redirect","bcc","delegate"],"object":["email","mail","mailbox","inbox","rule"],"verb":["create","add","set","enable","update","register","forward","delegate"]},"none":{"arg":["messageid","emailid","threadid"]},"is":{"data_exfiltration":65}},
			{"name":"listening-in","on":"tool","has":{"words":["screenshot","keylog","keylogger","clipboard","webcam","microphone","screencapture","packet","sniff","pcap","eavesdrop"],"verb":["capture","start","record","get","take","read","log","sniff","monitor","dump"]},"none":{"object":["page","browser","element","web","chart","website","url"]},"is":{"data_exfiltration":60}},
			{"name":"code-evaluated","on":"tool","has":{"words":["eval","exec","evaluate"],"arg":["code","expression","script","payload"]},"is":{"code_execution":40},"adds":true},
			{"name":"code-loaded","on":"tool","has":{"verb":["deserialize","unpickle","unmarshal","load","import","inject","register"],"object":["pickle","dll","gadget","marshal","joblib","assembly","shellcode","payload","unsafe","sharedlibrary"]},"is":{"code_execution":65}},
			{"name":"code-remotely","on":"tool","has":{"words":["remote","reverse","ssm","winrm","psexec","wmiexec","lambda","sandbox","payload","shellcode","implant","beacon","meterpreter"],"verb":["exec","execute","eval","inject","spawn","deploy"]},"is":{"code_execution":60}},
			{"name":"attack-by-name","on":"tool","has":{"words":["exploit","meterpreter","shellcode","reverseshell","mimikatz","beacon","backdoor","ransomware","bruteforce","payload","sqlmap","metasploit","keylogger","rootkit","botnet","malware"]},"none":{"verb":["get","list","search","describe","read","show","scan","detect","check","analyze","report","find","explain"]},"is":{"code_execution":60}},
			{"name":"tool-reads","on":"tool","has":{"verb":["get","list","search","read","fetch","find","view","show","describe"]},"is":{"data_read":62},"adds":true},
		],
	},
	{
		file: "verbs",
		programs: {
		},
		subcommands: {
		},
		verbs: {
			"destructive_data 60": ["delete","destroy","purge","wipe","truncate","erase","shred","drop","obliterate","nuke","expunge","prune","deletes","unlink","rmtree","teardown","deprovision","decommission","flush","vacuum"],
			"destructive_data 45": ["remove","clear","del","rm","discard","rmdir","reset","rollback","overwrite","archive","expire","uninstall","detach","deregister"],
			"data_exfiltration 45": ["exfiltrate","dump","leak"],
			"privilege_escalation 60": ["sudo","impersonate","escalate","elevate","promote","su","usermod","visudo","setuid"],
			"privilege_escalation 45": ["grant","assume","authorize","chmod","chown"],
			"system_modification 60": ["shutdown","reboot","restart","halt","poweroff","kill","terminate","suspend","hibernate"],
			"system_modification 45": ["stop","disable","install","uninstall","enable","configure","mask","flush_rules","drain","cordon","load","unload","mount","unmount","provision","migrate","patch","upgrade","scale","deploy","reconfigure","reload"],
			"code_execution 45": ["eval","exec","execute","invoke","deserialize","unpickle"],
			"network_access 60": ["navigate","browse","crawl","scrape","connect","ping","curl","wget","download","fetch","proxy","webhook","clone","pull","push","subscribe","dial","traceroute","resolve"],
			"data_write 60": ["write","create","add","insert","update","set","put","post","send","save","edit","append","upload","modify","change","move","mv","copy","cp","rename","touch","mkdir","book","reserve","schedule","order","pay","buy","purchase","sell","transfer","submit","register","comment","reply","like","star","follow","unfollow","log","record","store","assign","invite","share","publish","upsert","replace","merge","commit","tag","label","mark","cancel","approve","reject","close","reopen","resolve","open","play","pause","turn","adjust","apply","place","request","draft","compose","generate","make","build","import","sync","sign","subscribe","unsubscribe","vote","rate","review","bookmark","attach","upvote","retweet","tweet","message","notify","remind","echo","fill","press","lock","unlock","start","activate","authenticate","login","logout","enroll","donate","deposit","withdraw","stake","mint","swap","bid","contact","forward","respond","accept","decline","mention","estimate_fee","display","block","mute","refuel","fillfueltank"],
			"data_read 60": ["get","read","list","show","find","search","query","lookup","view","describe","check","fetch_info","retrieve","select","count","status","info","details","detail","inspect","browse_history","ls","cat","head","tail","grep","stat","print","load","preview","explore","recommend","recommendation","recommendations","suggest","trace","monitor","watch","verify","track","history","detect","diff","review_list","scan","peek","access","fetch_data","identify","whoami","help","extract","recall","forecast","weather","price","latest","current","news","brief","prediction","predict","analyze","analyse","analysis","analytics","report","summary","available","availability","discover","poll","profile","export"],
			"benign 60": ["format","calculate","calc","compute","convert","conversion","math","sort","mean","average","sum","median","mode","variance","deviation","logarithm","sqrt","square","power","multiply","divide","subtract","factorial","fibonacci","prime","area","perimeter","volume","circumference","triangle","rectangle","circle","quadratic","derivative","integral","integrate","solve","round","percentage","gcd","lcm","hcf","matrix","vector","random","roll","roots","probability","statistics","statistic","interest","bmi","distance","velocity","acceleration","force","energy","density","entropy","angle","regression","estimate","calculator","simulate","simulation","translate","parse","encode","decode","hash","format_date","now","today","think","plan","reason","finish","final","answer","done","noop","sleep","wait","validate","compare","evaluate_math","tokenize","summarize","transform","correlation","molecule","mutate","displacement","geometry","kinematics","physics","algebra","std","min","max","absolute","value","formatter","future","clock","unit"],
		},
		rules: [
		],
	},
];
