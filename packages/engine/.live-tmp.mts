import { openProbe } from "@falco-efk/probe";
import { EVENT_TYPES, isFieldError, eventTypeByName } from "@falco-efk/event";
import { createFieldResolver, EventContext, ProcessTable, Accounts, Containers, DomainNames, readBootTime, readProcess, readParentPid, readHostNamespaces } from "@falco-efk/fields";
import { spawn } from "node:child_process";
const types=["execve","clone","procexit","openat","connect","unlinkat","sendto","recvfrom","socket","dup2","chmod","fchmodat","rename","renameat2","symlinkat","linkat","mkdir","ptrace","setuid","unshare","accept4","listen"].map(n=>eventTypeByName(n)!.id);
const probe=await openProbe({types});
const processes=new ProcessTable({bootTime:readBootTime(),lookup:readProcess as any,lookupParent:readParentPid});
const snaps=await (probe as any).processes?.() ?? (probe as any).snapshot?.() ?? (probe as any).processes;
console.log("snapshots", Array.isArray(snaps)?snaps.length:snaps);
const containers=new Containers({hostNamespaces:readHostNamespaces()});
if(Array.isArray(snaps)){processes.seed(snaps);containers.learnFrom(snaps);}
const ctx=new EventContext({processes,accounts:new Accounts(),containers,domains:new DomainNames(),hostname:"h"});
const r=createFieldResolver(); const acc=(n:string,a:string|null=null)=>{const f=r.resolve(n,a); if(isFieldError(f)) throw new Error(f.message); return f};
const F=["evt.type","evt.res","fd.num","fd.name","fd.realpath","fd.nameraw","fd.type","fd.cip","fd.sport","evt.args","proc.name","proc.cmdline","proc.pname","proc.pcmdline","proc.exepath","proc.cwd","proc.sname","proc.tty","user.name","container.id","proc.duration","proc.ppid","evt.arg.flags","proc.vmsize","thread.cgroups"].map(n=>[n,acc(n)] as const).concat([["proc.aname",acc("proc.aname")]] as any);
const ac=new AbortController();
const mark=process.argv[2]!;
let n=0, total=0; const per:Record<string,number>={};
const run=probe.run((rec)=>{ processes.apply(rec); ctx.begin(rec); total++;
  const name=EVENT_TYPES[rec.type]!.name;
  const args=String(acc("evt.args").extract(ctx)); const cl=String(acc("proc.cmdline").extract(ctx));
  if(!cl.includes("TRY")&&!args.includes("TRY")&&!String(acc("proc.pcmdline").extract(ctx)).includes("TRY")) return;
  per[name]=(per[name]??0)+1; if(per[name]!>2) return;
  const o:Record<string,unknown>={}; for(const [k,f] of F){const v=(f.print??f.extract)(ctx); if(v!==null&&v!=="") o[k]=v instanceof Uint8Array?[...v].join("."):v;}
  console.log(JSON.stringify(o,(k,v)=>typeof v==="bigint"?v.toString():v)); n++;
},{signal:ac.signal});
const c=spawn("bash",["-c",`: TRY; cd /tmp; mkdir -p TRYd; ln -sf /etc/shadow TRYd/link; cat TRYd/../TRYd/link >/dev/null; cat /nonexist/TRY 2>/dev/null; ln -f /etc/hostname TRYd/hard; chmod 4755 TRYd/hard; mv TRYd/hard TRYd/hard2; rm -rf TRYd; exec 3<>/dev/tcp/127.0.0.1/${process.argv[2]}; echo hi >&3`],{stdio:"inherit"});
await new Promise(r=>c.on("exit",r)); await new Promise(r=>setTimeout(r,500)); ac.abort(); await run; console.log(total,JSON.stringify(processes.counters),JSON.stringify(probe.counters().dropped)); await probe.close();
